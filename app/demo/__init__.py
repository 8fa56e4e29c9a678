"""A simulated clinic. It acts only through the public HTTP API, as nurses and clinicians would.

`curves` knows the truth of each invented patient, `stories` what befalls them, `visit` plays one session from check-in
to discharge, `clinic` holds the people and their sign-ins, `tally` compares what the record says with the truth.
"""
