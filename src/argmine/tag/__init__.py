"""The sentence tagger and the attribution: what each sentence does in its paper's argument, and whose view it is."""
