"""The kit that Carnet's services share."""
