"""The files of a large school are files of an import without anything to correct (IMP-1)."""

from datetime import date
from pathlib import Path

from carnet.importing.families import read_families
from carnet.importing.tables import read_tables
from carnet_play.many_families import write


def test_imp_1_every_family_of_the_large_school_can_be_imported(tmp_path: Path) -> None:
    write(20, tmp_path, date(2026, 11, 29))
    tables = [table for file in sorted(tmp_path.iterdir()) for table in read_tables(file.name, file.read_bytes())]
    reading = read_families(tables, "EUR")
    families = list(reading.families.values())
    assert (len(families), reading.problems) == (20, [])
    assert [each.problems for each in families] == [[]] * 20
    for given in families:
        (contract,) = given.body["contracts"]
        total = sum(line["price"]["amount"] for line in contract["lines"])
        named = sum(each["amount"]["amount"] for each in (*contract["paid"], *contract["planned"]))
        assert (total, named) == (45_000, 45_000)
    assert sum("credits" in each.body for each in families) == 4
    assert sum("packs" in each.body for each in families) == 2
