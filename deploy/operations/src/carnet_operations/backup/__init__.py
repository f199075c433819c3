"""Backups of the whole suite at one instant, and putting one back.

``archive`` is the file, ``taking`` writes it from a snapshot, ``loading`` puts it into the databases, ``exclusion``
keeps the suite away meanwhile, ``lost`` finds what came after the backup, ``topics`` empties and fills the topics, and
``restoring`` does all of this in order.
"""
