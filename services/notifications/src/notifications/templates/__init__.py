"""The words of the mails: what templates may say, how they are checked, and how one source becomes text and HTML."""
