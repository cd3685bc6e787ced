def find_runner(weak): return None
