"""Promise: what one service asks of another is always answered.

``answered`` finds what still waits, whatever was asked for; that the answers themselves agree is proved where each
kind of request is: the uses and removals of credits in ``credits``.
"""
