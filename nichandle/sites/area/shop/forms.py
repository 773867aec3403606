"""What is asked about a product before it goes into the basket."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.catalogue.offers import Product, ProductQuestion
from nichandle.commerce.catalogue.questions import LONGEST, AnswerNotValid, answer
from nichandle.commerce.orders.basket.content import Wanted
from nichandle.sites.area.shop.prices import Shelf
from nichandle.sites.area.shop.words import price_words

ANSWER = "answer-"
PERIOD = "period"
_EXACT = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


class AnswerField(forms.CharField):
    """One question; the catalogue's own rule judges what is answered."""

    def __init__(self, question: ProductQuestion, language: str) -> None:
        self.question = question
        super().__init__(
            label=question.label.said(language),
            help_text=question.help.said(language),
            required=question.required,
            widget=_widget(question, language),
        )

    def clean(self, value: Any) -> str:
        try:
            return answer(self.question, value or "")
        except AnswerNotValid as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal


def _widget(question: ProductQuestion, language: str) -> forms.Widget:
    if question.rule == "choice":
        rows = [(each.code, each.label.said(language)) for each in question.choices]
        return forms.Select(choices=[("", "–"), *rows])
    attributes = {**_EXACT, "maxlength": str(LONGEST)}
    if question.rule == "email":
        return forms.EmailInput(attrs={**attributes, "autocomplete": "email"})
    return forms.TextInput(attrs=attributes)


class ProductForm(forms.Form):
    """The period, and the answers to the product's questions."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        product: Product,
        shelf: Shelf,
        language: str,
    ) -> None:
        super().__init__(data)
        self.product = product
        # What is bought once is sold as one month.
        periods = [
            (str(price.months or 1), price_words(price, gross_first=shelf.gross_first))
            for price in shelf.prices(product)
        ]
        self.fields[PERIOD] = forms.ChoiceField(
            label=_("Period") if product.lasting else _("Price"),
            choices=periods,
            initial=periods[0][0] if periods else None,
            widget=forms.RadioSelect,
            error_messages={
                "required": _("Choose a period."),
                "invalid_choice": _("Choose one of these periods."),
            },
        )
        for question in product.questions:
            self.fields[ANSWER + question.code] = AnswerField(question, language)

    def wanted(self) -> Wanted:
        """Return what goes into the basket; the form is valid."""
        given = self.cleaned_data
        answers = {
            question.code: given[ANSWER + question.code]
            for question in self.product.questions
            if given[ANSWER + question.code]
        }
        return Wanted(self.product.code, int(given[PERIOD]), answers)
