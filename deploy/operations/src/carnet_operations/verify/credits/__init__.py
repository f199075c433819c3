"""Promise: credits, gift vouchers, packs and scholarships agree with the contracts that sell, use and remove them.

``balances`` checks each credit and its entries, ``uses`` what schedules pay by it, ``removals`` the
changes of contracts that wait for it, ``vouchers`` what is sold, redeemed and restored, ``packs`` the sessions
that are left, ``scholarships`` funds, awards and what they cover.
"""
