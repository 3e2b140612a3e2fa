"""What eyes are made of, for foveola: the vocabulary of retinal OCT, readers and the documented operations."""
