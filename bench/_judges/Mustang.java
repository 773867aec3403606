import org.mustangproject.validator.ZUGFeRDValidator;

/** Asks Mustang about each file; its whole report a file, after a line with the file's name. */
public class Mustang {
    public static void main(String[] arguments) throws Exception {
        for (String file : arguments) {
            System.out.println("\u001e" + file);
            System.out.println(new ZUGFeRDValidator().validate(file));
        }
    }
}
