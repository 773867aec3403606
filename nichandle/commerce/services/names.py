"""What services are called: one name once in each kind, while it is not terminated."""

from collections.abc import Iterable

from nichandle.commerce.services.models import NAME_LENGTH, Service
from nichandle.platform.kernel.wording.text import clean, fold


def name_taken(*, product: str, name: str) -> bool:
    """Tell whether a service of this kind and name is not terminated."""
    folded = fold(clean(name)[:NAME_LENGTH])[:NAME_LENGTH]
    rows = Service.objects.filter(product=product, name_folded=folded)
    return rows.exclude(state=Service.State.TERMINATED).exists()


def numbers_of(names: Iterable[str]) -> list[int]:
    """Return the numbers of the services of these names, of any kind."""
    return list(Service.objects.filter(name__in=list(names)).values_list("pk", flat=True))
