"""Simulated clinics whose truth is known: are planted effects found, and absent ones not?"""
