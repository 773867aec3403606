"""Each kept database, restored on the engine under test, migrated and served."""

from collections.abc import Iterator

import pytest

from tests.upgrade import databases
from tests.upgrade.product import Kept, Product
from tests.upgrade.restored import ENGINE, FOLDERS, Upgraded, empty_database


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: str(folder.name))
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgraded]:
    folder, data = request.param, tmp_path_factory.mktemp("upgraded")
    kept = Kept.read(folder / f"{ENGINE}.json")
    with empty_database(data) as url:
        databases.restore(folder / f"{ENGINE}.sql.gz", url)
        before = databases.contents(url)
        product = Product(data, url, kept.secret)
        product.travel(kept.moment)
        (data / "anchors").mkdir()
        for name, lines in kept.anchors.items():
            (data / "anchors" / name).write_text(lines, encoding="utf-8")
        told = product.command("migrate", "--no-input")
        after = databases.contents(url)
        with product.serving():
            yield Upgraded(product, kept, told, before, after)
