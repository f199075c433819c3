"""Reading the folder of the mails."""

from pathlib import Path

from carnet_suite.inbox import newest, read_inbox


def test_no_folder_is_an_empty_inbox(tmp_path: Path) -> None:
    assert read_inbox(tmp_path / "none") == []
    assert newest(tmp_path / "none") == ""


def test_mails_come_in_the_order_of_arrival_and_unfinished_ones_do_not(tmp_path: Path) -> None:
    for name in ("2.eml", "1.eml", ".3.eml.part"):
        (tmp_path / name).write_text(f"Delivered-To: to@example.org\r\nSubject: {name}\r\n\r\n")
    assert [mail.subject for mail in read_inbox(tmp_path)] == ["1.eml", "2.eml"]
    assert [mail.subject for mail in read_inbox(tmp_path, after="1.eml")] == ["2.eml"]
    assert newest(tmp_path) == "2.eml"


def test_a_mail_of_one_part_has_no_other(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_text("Delivered-To: a@example.org\nDelivered-To: b@example.org\nTo: c@example.org\n\nHi")
    (mail,) = read_inbox(tmp_path)
    assert (mail.recipient, mail.text, mail.html) == ("a@example.org", "Hi", None)
    assert mail.headers["to"] == "c@example.org"
