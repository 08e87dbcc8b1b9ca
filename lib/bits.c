/* SPDX-License-Identifier: MIT */
/*
 * lib/bits.c - the functions that gcc calls for __builtin_ctz, __builtin_clz
 * and __builtin_popcount on a machine without the bit-manipulation extension.
 *
 * The toolchain's own library cannot be linked: it has the hard-float ABI, but
 * the kernel has the soft-float ABI.  No state; any context.
 */
#include "lib/base.h"

int __ctzdi2(uint64_t x);
int __clzdi2(uint64_t x);
int __popcountdi2(uint64_t x);

/*
 * Binary search for the lowest 1: if the lower half is zero, add its width and
 * continue in the upper half.
 */
int
__ctzdi2(uint64_t x)
{
	int n = 0;

	for (int half = 32; half != 0; half /= 2) {
		if ((x & ((UINT64_C(1) << half) - 1)) == 0) {
			n += half;
			x >>= half;
		}
	}
	return n;
}

int
__clzdi2(uint64_t x)
{
	int n = 63;

	for (int half = 32; half != 0; half /= 2) {
		if (x >> half != 0) {
			n -= half;
			x >>= half;
		}
	}
	return n;
}

/* Count the ones in groups of 2, 4, then 8 bits; the product sums the bytes. */
int
__popcountdi2(uint64_t x)
{
	x -= x >> 1 & UINT64_C(0x5555555555555555);
	x = (x & UINT64_C(0x3333333333333333)) +
	    (x >> 2 & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (int)(x * UINT64_C(0x0101010101010101) >> 56);
}
