"""Promise: client credits agree with the contracts that sell them, use them and ask for their removal.

``balances`` checks each credit and its entries, ``uses`` what schedules pay by it, ``removals`` the
changes of contracts that wait for it.
"""
