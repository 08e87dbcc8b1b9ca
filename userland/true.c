/* SPDX-License-Identifier: MIT */
/*
 * true - do nothing, and succeed at it.
 *
 * The status is 0.  No option is looked at, and nothing is printed.
 */
int
main(void)
{
	return 0;
}
