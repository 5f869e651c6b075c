"""Containers that give members: archives, compressed streams, images of disks."""
