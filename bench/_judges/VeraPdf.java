import java.io.FileInputStream;
import java.util.Set;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks veraPDF about each file by one standard; a line a file: verdict, then the broken clauses. */
public class VeraPdf {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour standard = PDFAFlavour.fromString(arguments[0]);
        for (int each = 1; each < arguments.length; each++) {
            try (PDFAParser parser = Foundries.defaultInstance().createParser(
                    new FileInputStream(arguments[each]), standard, PDFAFlavour.NO_FLAVOUR)) {
                PDFAValidator validator = Foundries.defaultInstance()
                    .createValidator(standard, 20, false, false, false);
                ValidationResult result = validator.validate(parser);
                Set<String> broken = new TreeSet<>();
                for (TestAssertion assertion : result.getTestAssertions()) {
                    if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                        broken.add(assertion.getRuleId().getClause() + "-"
                            + assertion.getRuleId().getTestNumber());
                    }
                }
                System.out.println(arguments[each] + "\t" + (result.isCompliant() ? "valid" : "invalid")
                    + "\t" + result.getTotalAssertions() + "\t" + String.join(" ", broken));
            }
        }
    }
}
