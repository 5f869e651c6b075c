"""The seal: a Merkle log over the events' commitments, its signed checkpoints, and proofs from them (C2SP)."""
