/*
 * true - do nothing, and succeed at it.
 */
int
main(void)
{
	return 0;
}
