"""The causes of requests between services, by which both sides name them."""

from carnet.requests.asked import Cause

CREDIT_REMOVAL = Cause("credit-removal", "credits", "CRE-4")
"""A change cancels what sold credits, vouchers or packs, or lets a credit bring less (CRE-4, CRE-5, CON-8)."""

VOUCHER_REDEMPTION = Cause("voucher-redemption", "credits", "CRE-9")
"""An opening or a change adds lines that gift vouchers cover (CRE-9)."""

SCHOLARSHIP_USE = Cause("scholarship-use", "credits", "CRE-11")
"""An opening or a change adds lines of which scholarships cover a part (CRE-11)."""

CREDIT_USE = Cause("credit-use", "credits", "CRE-3")
"""A client credit, or a gift card, is to pay a part of a contract (CRE-3, CRE-8)."""

INVOICE_MARK = Cause("invoice-mark", "contracts", "INV-4")
"""Payments asks to mark the lines of an invoice before it takes a number (INV-4)."""
