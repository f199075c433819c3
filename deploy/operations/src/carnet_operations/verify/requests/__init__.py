"""Promise: what one service asks of another is always answered.

``answered`` finds what still waits, whatever was asked for; that the answers themselves agree is proved where each
kind of request is: in ``credits`` the uses and removals of credits, the redemption of vouchers and the use of
scholarships, in ``invoices`` the marks of lines.
"""
