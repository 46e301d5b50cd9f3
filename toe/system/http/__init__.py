"""Files and small documents fetched over http and https, with several attempts.

Import what is below it inside functions: urllib3 and ssl cost more than a small run. Not for AWS (toe.aws).
"""
