"""What payments decides: the schedule of a contract and every way in which it moves. Pure, without I/O."""
