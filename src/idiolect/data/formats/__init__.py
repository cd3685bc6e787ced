"""Every format a shop's data comes in: one small module a family, each with the pair read and write.

`reading` finds out what a file is by its content and reads it into `RawRecord`s; `writing` writes them in another format.
"""
