"""Promise: credits, gift vouchers and packs agree with the contracts that sell them, use them and ask for removal.

``balances`` checks each credit and its entries, ``uses`` what schedules pay by it, ``removals`` the
changes of contracts that wait for it, ``vouchers`` what is sold, redeemed and restored, ``packs`` the sessions
that are left.
"""
