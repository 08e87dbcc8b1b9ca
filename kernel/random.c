/* SPDX-License-Identifier: MIT */
/*
 * kernel/random.c - generate random bytes: ChaCha20 with fast key erasure.
 *
 * The machine has one key, guarded by a spin lock.  Each request replaces the
 * key and generates 32 bytes more.  A request of at most 32 bytes returns these
 * bytes; a larger one uses them as the key of its own ChaCha20 stream, without
 * the lock.  No function allocates.
 */
#include "kernel/random.h"

#include "arch/clock.h"
#include "kernel/spinlock.h"
#include "lib/string.h"

#define KEY_WORDS   8u
#define BLOCK_WORDS 16u
#define BLOCK_BYTES (BLOCK_WORDS * 4)

static struct {
	struct spinlock lock;
	uint32_t key[KEY_WORDS]; /* [lock] */
	uint64_t uses;		 /* [lock] block counter: blocks ever made */
} pool = { .lock = SPINLOCK_INIT(LOCK_RANDOM) };

static inline uint32_t
rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static inline void
quarter_round(uint32_t *s, unsigned a, unsigned b, unsigned c, unsigned d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

/* Compute one ChaCha20 block; counter and nonce are 64-bit numbers. */
static void
chacha_block(const uint32_t *key, uint64_t counter, uint64_t nonce,
	     uint32_t *out)
{
	/* "expand 32-byte k", as the cipher defines it. */
	uint32_t in[BLOCK_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32,
				     0x6b206574 };

	memcpy(in + 4, key, KEY_WORDS * 4);
	in[12] = (uint32_t)counter;
	in[13] = (uint32_t)(counter >> 32);
	in[14] = (uint32_t)nonce;
	in[15] = (uint32_t)(nonce >> 32);
	memcpy(out, in, sizeof(in));
	for (unsigned i = 0; i < 10; i++) {
		quarter_round(out, 0, 4, 8, 12);
		quarter_round(out, 1, 5, 9, 13);
		quarter_round(out, 2, 6, 10, 14);
		quarter_round(out, 3, 7, 11, 15);
		quarter_round(out, 0, 5, 10, 15);
		quarter_round(out, 1, 6, 11, 12);
		quarter_round(out, 2, 7, 8, 13);
		quarter_round(out, 3, 4, 9, 14);
	}
	for (unsigned i = 0; i < BLOCK_WORDS; i++)
		out[i] += in[i];
}

/* Replace the key; store 32 more bytes in fresh_key unless NULL. */
static void
pool_step(uint32_t *fresh_key)
{
	uint32_t block[BLOCK_WORDS];

	requires_lock(&pool.lock);
	/* The nonce is the time of the call, which adds a little entropy. */
	chacha_block(pool.key, pool.uses++, clock_ticks(), block);
	memcpy(pool.key, block, sizeof(pool.key));
	if (fresh_key != NULL)
		memcpy(fresh_key, block + KEY_WORDS, KEY_WORDS * 4);
}

void
random_bytes(void *buf, size_t n)
{
	uint32_t key[KEY_WORDS], block[BLOCK_WORDS];
	char *to = buf;

	spin_lock(&pool.lock);
	pool_step(key);
	spin_unlock(&pool.lock);
	if (n <= sizeof(key)) {
		memcpy(buf, key, n);
		return;
	}
	for (uint64_t i = 0; n > 0; i++) {
		size_t part = MIN(n, (size_t)BLOCK_BYTES);

		chacha_block(key, i, 0, block);
		memcpy(to, block, part);
		to += part;
		n -= part;
	}
}

void
random_add(const void *data, size_t n)
{
	const char *from = data;
	uint32_t piece[KEY_WORDS];

	spin_lock(&pool.lock);
	do {
		size_t part = MIN(n, sizeof(piece));

		memset(piece, 0, sizeof(piece));
		memcpy(piece, from, part);
		for (unsigned i = 0; i < KEY_WORDS; i++)
			pool.key[i] ^= piece[i];
		pool_step(NULL);
		from += part;
		n -= part;
	} while (n > 0);
	spin_unlock(&pool.lock);
}
