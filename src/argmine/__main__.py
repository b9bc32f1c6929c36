"""`python -m argmine`."""

from argmine.cli import main

main()
