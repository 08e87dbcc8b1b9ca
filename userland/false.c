/* SPDX-License-Identifier: MIT */
/*
 * false - do nothing, and fail at it.
 *
 * The status is 1.  No option is looked at, and nothing is printed.
 */
int
main(void)
{
	return 1;
}
