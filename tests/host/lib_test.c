/* SPDX-License-Identifier: MIT */
/*
 * tests/host/lib_test.c - lib/string, lib/printf, lib/list and lib/rbtree.
 *
 * Each is compared with a simple model in random use: libc's routine of the
 * same name, or an array.
 */
#include "check.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Both sets of routines are visible from here on: strlen and k_strlen. */
#include "lib_rename.h"
#include "lib/list.h"
#include "lib/printf.h"
#include "lib/rbtree.h"
#include "lib/string.h"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr
#undef snprintf
#undef vsnprintf

#define AREA 4096

static unsigned
pick(unsigned limit)
{
	return (unsigned)(check_random() % limit);
}

static int
sign(int v)
{
	return (v > 0) - (v < 0);
}

/* Fill with bytes from a small alphabet, so that searches find something. */
static void
scribble(unsigned char *p, size_t n, unsigned letters)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)('a' + pick(letters));
}

/* ---- string.c ---- */

static void
copy_once(unsigned to, unsigned from, unsigned n)
{
	static unsigned char src[AREA], got[AREA], want[AREA];

	scribble(src, AREA, 26);
	scribble(got, AREA, 26);
	memcpy(want, got, AREA);
	memcpy(want + to, src + from, n);
	CHECK(k_memcpy(got + to, src + from, n) == got + to);
	CHECK(memcmp(got, want, AREA) == 0);
	/* The same within one area, overlapping in either direction. */
	memmove(want + to, want + from, n);
	CHECK(k_memmove(got + to, got + from, n) == got + to);
	CHECK(memcmp(got, want, AREA) == 0);
	memset(want + to, (int)n, n);
	CHECK(k_memset(got + to, (int)n, n) == got + to);
	CHECK(memcmp(got, want, AREA) == 0);
}

TEST(memcpy_memmove_memset)
{
	for (unsigned to = 0; to < 9; to++) {
		for (unsigned from = 0; from < 9; from++) {
			for (unsigned n = 0; n < 10; n++)
				copy_once(to, from, n * 5 + pick(5));
		}
	}
	for (int i = 0; i < 1000; i++)
		copy_once(pick(100), pick(100), pick(AREA - 100));
}

TEST(page_copy_and_page_zero)
{
	unsigned char *area = aligned_alloc(AREA, 3 * AREA);
	unsigned char *want = malloc(3 * AREA);

	scribble(area, 3 * AREA, 26);
	memcpy(want, area, 3 * AREA);
	page_copy(area + AREA, area);
	memcpy(want + AREA, want, AREA);
	CHECK(memcmp(area, want, 3 * AREA) == 0);
	page_zero(area + AREA);
	memset(want + AREA, 0, AREA);
	CHECK(memcmp(area, want, 3 * AREA) == 0);
	free(area);
	free(want);
}

TEST(memcmp_and_memchr)
{
	unsigned char a[64], b[64];

	for (int i = 0; i < 20000; i++) {
		unsigned n = pick(64), c = 'a' + pick(3);

		scribble(a, sizeof(a), 2);
		memcpy(b, a, sizeof(b));
		if (pick(2) != 0)
			b[pick(64)] = (unsigned char)check_random();
		CHECK(sign(k_memcmp(a, b, n)) == sign(memcmp(a, b, n)));
		CHECK(k_memchr(a, (int)c, n) == memchr(a, (int)c, n));
	}
	CHECK(k_memchr("\377x", 0x1ff, 2) != NULL);
}

/* Two words of up to 20 letters, in memory that ends right behind them. */
static void
compare_strings(void)
{
	size_t la = pick(20), lb = pick(20);
	char *a = malloc(la + 1), *b = malloc(lb + 1);
	unsigned n = pick(24);
	int c = 'a' + (int)pick(3);

	scribble((unsigned char *)a, la, 2);
	scribble((unsigned char *)b, lb, 2);
	a[la] = b[lb] = '\0';
	if (la > 0 && pick(8) == 0)
		a[0] = (char)0xe9;
	CHECK(k_strlen(a) == la);
	CHECK(k_strnlen(a, n) == strnlen(a, n));
	CHECK(sign(k_strcmp(a, b)) == sign(strcmp(a, b)));
	CHECK(sign(k_strncmp(a, b, n)) == sign(strncmp(a, b, n)));
	CHECK(k_strchr(a, c) == strchr(a, c));
	CHECK(k_strchr(a, '\0') == a + la);
	CHECK(k_strrchr(a, c) == strrchr(a, c));
	CHECK(k_strrchr(a, '\0') == a + la);
	b[lb > 3 ? 3 : lb] = '\0';
	CHECK(k_strstr(a, b) == strstr(a, b));
	free(a);
	free(b);
}

TEST(string_searches_and_comparisons)
{
	for (int i = 0; i < 20000; i++)
		compare_strings();
}

TEST(str_copy)
{
	char to[8];

	memset(to, 'x', sizeof(to));
	CHECK(str_copy(to, "abc", 8) == 3 && strcmp(to, "abc") == 0);
	CHECK(to[4] == 'x');
	CHECK(str_copy(to, "abcdefgh", 8) == 8);
	CHECK(strcmp(to, "abcdefg") == 0);
	CHECK(str_copy(to, "abcdefg", 8) == 7);
	CHECK(strcmp(to, "abcdefg") == 0);
	CHECK(str_copy(to, "q", 0) == 1 && to[0] == 'a');
	CHECK(str_copy(to, "q", 1) == 1 && to[0] == '\0');
}

/* Does `text` come apart into these words, each behind a '|'? */
static bool
splits(const char *text, const char *words)
{
	char copy[64], got[64] = "", *rest = copy, *word;

	strcpy(copy, text);
	while (str_word(&rest, &word) && word != NULL) {
		strcat(got, "|");
		strcat(got, word);
	}
	return word == NULL && strcmp(got, words) == 0;
}

TEST(str_word)
{
	char open[] = "a 'b c", *rest = open, *word;

	CHECK(splits("", "") && splits("   ", ""));
	CHECK(splits("a", "|a") && splits("  a  bc ", "|a|bc"));
	CHECK(splits("sh -c 'exit 7'", "|sh|-c|exit 7"));
	CHECK(splits("'' a \"\"", "||a|"));
	CHECK(splits("it's' a\"b\"", "|its|ab"));
	CHECK(splits("'it'\"'\"'s' \"'\" '\"'", "|it's|'|\""));
	CHECK(splits("a\\ b\t\n", "|a\\|b\t\n"));
	CHECK(str_word(&rest, &word) && strcmp(word, "a") == 0);
	CHECK(!str_word(&rest, &word));
}

TEST(str_to_u64)
{
	const char *end = NULL, *text;
	uint64_t v = 7;

	CHECK(!str_to_u64("", &v, &end) && !str_to_u64("x1", &v, &end));
	CHECK(!str_to_u64("-1", &v, &end) && !str_to_u64(" 1", &v, &end));
	CHECK(v == 7);
	CHECK(str_to_u64("0", &v, NULL) && v == 0);
	text = "123abc";
	CHECK(str_to_u64(text, &v, &end) && v == 123 && end == text + 3);
	text = "0xfFg";
	CHECK(str_to_u64(text, &v, &end) && v == 255 && end == text + 4);
	CHECK(str_to_u64("18446744073709551615", &v, NULL) && v == UINT64_MAX);
	CHECK(str_to_u64("0xffffffffffffffff", &v, NULL) && v == UINT64_MAX);
	v = 7;
	CHECK(!str_to_u64("18446744073709551616", &v, NULL));
	CHECK(!str_to_u64("99999999999999999999", &v, NULL));
	CHECK(!str_to_u64("0x10000000000000000", &v, NULL) && v == 7);
	for (int i = 0; i < 2000; i++) {
		uint64_t want = check_random() >> pick(64);
		char buf[32];

		snprintf(buf, sizeof(buf), i % 2 ? "%lu" : "0x%lx", want);
		CHECK(str_to_u64(buf, &v, &end) && v == want && *end == '\0');
	}
}

/* ---- printf.c ---- */

static void
same_text(size_t size, const char *fmt, ...)
{
	char got[256], want[256];
	va_list ap;
	int n, m;

	memset(got, '#', sizeof(got));
	memset(want, '#', sizeof(want));
	va_start(ap, fmt);
	n = vsnprintf(want, size, fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	m = k_vsnprintf(got, size, fmt, ap);
	va_end(ap);
	if (n != m || memcmp(got, want, sizeof(got)) != 0) {
		check_bad++;
		printf("# \"%s\", size %zu: libc %d \"%.*s\", ours %d "
		       "\"%.*s\"\n",
		       fmt, size, n, size > 0 ? 200 : 0, want, m,
		       size > 0 ? 200 : 0, got);
	}
}

/* A conversion with random flags, width and precision. */
static void
random_spec(char *fmt, const char *length, char conversion)
{
	static const char flags[] = "-0 +#";
	char *at = fmt;

	at += sprintf(at, "<%%");
	for (unsigned i = pick(4); i > 0; i--) {
		char flag = flags[pick(5)];

		/* What the standard leaves undefined is left out. */
		if ((flag == '#' && strchr("xX", conversion) == NULL) ||
		    (flag == '0' && strchr("sc", conversion) != NULL) ||
		    (strchr("+ ", flag) != NULL && conversion != 'd' &&
		     conversion != 'i'))
			continue;
		*at++ = flag;
	}
	if (pick(2) != 0)
		at += sprintf(at, "%u", 1 + pick(30));
	if (pick(3) == 0 && conversion != 'c')
		at += sprintf(at, ".%u", pick(25));
	sprintf(at, "%s%c>", length, conversion);
}

TEST(printf_numbers)
{
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "z" };
	static const char conversions[] = "diuoxX";
	char fmt[64];

	for (int i = 0; i < 60000; i++) {
		unsigned l = pick(6);
		uint64_t v = check_random() >> pick(64);
		size_t size = pick(8) == 0 ? pick(40) : 256;

		if (pick(4) == 0)
			v = -v;
		if (pick(10) == 0)
			v = pick(2);
		random_spec(fmt, lengths[l], conversions[pick(6)]);
		if (l < 3)
			same_text(size, fmt, (int)v);
		else
			same_text(size, fmt, v);
	}
}

TEST(printf_text)
{
	char fmt[64], word[40];

	for (int i = 0; i < 20000; i++) {
		size_t len = pick(39), size = pick(4) == 0 ? pick(60) : 256;

		scribble((unsigned char *)word, len, 26);
		word[len] = '\0';
		random_spec(fmt, "", 's');
		same_text(size, fmt, word);
		random_spec(fmt, "", 'c');
		same_text(size, fmt, 'a' + (int)pick(26));
	}
	same_text(256, "100%% of %s, %d and %x", "it", -5, 255u);
	same_text(256, "%*d|%-*d|%*d", 6, 42, 6, 42, -6, 42);
	same_text(256, "%.*s|%.*d|%.*d", 3, "abcdef", 4, 7, -1, 7);
	same_text(256, "%.3s", "abc");
	same_text(256, "%ld %ld", INT64_MIN, INT64_MAX);
	same_text(256, "%d %u", INT32_MIN, UINT32_MAX);
	same_text(256, "%.0d|%.0x|%#x", 0, 0u, 0u);
	same_text(256, "%s", "");
	same_text(0, "%s", "nothing is written");
	same_text(1, "%s", "only the NUL");
}

TEST(printf_pointers)
{
	char buf[64];

	k_snprintf(buf, sizeof(buf), "%p", (void *)0xffffffc080001000);
	CHECK(strcmp(buf, "0xffffffc080001000") == 0);
	/* A precision lets a string have no NUL at all. */
	CHECK(k_snprintf(buf, sizeof(buf), "%.2s", "ab") == 2);
	CHECK(strcmp(buf, "ab") == 0);
}

/* ---- list.h ---- */

struct item {
	struct list_node node;
	int value;
};

/* Does the list hold exactly these values, in both directions? */
static bool
list_is(struct list_node *head, const int *want, unsigned n)
{
	struct list_node *at = head;
	unsigned i = 0;
	struct item *it;

	list_for_each_entry(it, head, node) {
		if (i >= n || it->value != want[i++])
			return false;
	}
	if (i != n)
		return false;
	while (i > 0) {
		at = at->prev;
		if (list_entry(at, struct item, node)->value != want[--i])
			return false;
	}
	return at->prev == head && list_empty(head) == (n == 0);
}

/* The array's element at `from` moves to `to`; those between make room. */
static void
model_move(int *model, unsigned from, unsigned to)
{
	int v = model[from];

	if (from < to)
		memmove(model + from, model + from + 1,
			(to - from) * sizeof(*model));
	else
		memmove(model + to + 1, model + to,
			(from - to) * sizeof(*model));
	model[to] = v;
}

TEST(list_against_an_array)
{
	enum { N = 12 };
	struct list_node head = LIST_INIT(head);
	struct item items[N];
	int model[N];

	CHECK(list_empty(&head) && list_pop_front(&head) == NULL);
	for (int i = 0; i < N; i++) {
		items[i].value = model[i] = i;
		list_init(&items[i].node);
		CHECK(!list_linked(&items[i].node));
		list_push_back(&head, &items[i].node);
		CHECK(list_linked(&items[i].node));
	}
	for (int i = 0; i < 20000; i++) {
		unsigned from = pick(N), to = pick(N);
		struct list_node *n = &items[model[from]].node;

		list_del(n);
		CHECK(!list_linked(n));
		model_move(model, from, to);
		if (to == N - 1)
			list_push_back(&head, n);
		else if (to == 0)
			list_push_front(&head, n);
		else
			list_insert_before(&items[model[to + 1]].node, n);
		CHECK(list_is(&head, model, N));
	}
	for (int i = 0; i < N; i++)
		CHECK(list_pop_front(&head) == &items[model[i]].node);
	CHECK(list_empty(&head));
}

TEST(list_safe_walk)
{
	struct list_node a = LIST_INIT(a);
	struct item items[6], *it, *tmp;

	for (int i = 0; i < 6; i++) {
		items[i].value = i;
		list_push_back(&a, &items[i].node);
	}
	CHECK(list_is(&a, (const int[]){ 0, 1, 2, 3, 4, 5 }, 6));
	list_for_each_entry_safe(it, tmp, &a, node) {
		if (it->value % 2 == 0)
			list_del(&it->node);
	}
	CHECK(list_is(&a, (const int[]){ 1, 3, 5 }, 3));
}

/* ---- rbtree.c ---- */

struct entry {
	struct rb_node node;
	unsigned key;
	bool in;
};

static unsigned
key_of(const struct rb_node *n)
{
	return container_of(n, struct entry, node)->key;
}

static void
tree_insert(struct rb_root *root, struct entry *e)
{
	struct rb_node **at = &root->node, *parent = NULL;

	while (*at != NULL) {
		parent = *at;
		at = e->key < key_of(parent) ? &parent->left : &parent->right;
	}
	rb_link(&e->node, parent, at);
	rb_insert_fix(root, &e->node);
	e->in = true;
}

/*
 * The black height of a subtree, or -1 if it breaks a rule: order, parent
 * links, no red below red, equal black heights.
 */
static int
tree_check(const struct rb_node *n, const struct rb_node *parent)
{
	int left, right;

	if (n == NULL)
		return 1;
	if (n->parent != parent || (parent != NULL && parent->red && n->red) ||
	    (n->left != NULL && key_of(n->left) >= key_of(n)) ||
	    (n->right != NULL && key_of(n->right) <= key_of(n)))
		return -1;
	left = tree_check(n->left, n);
	right = tree_check(n->right, n);
	if (left < 0 || left != right)
		return -1;
	return left + !n->red;
}

/* Does walking meet exactly the entries that are in, both ways? */
static bool
tree_matches(const struct rb_root *root, const struct entry *e, unsigned count)
{
	const struct rb_node *n = rb_first(root);

	for (unsigned i = 0; i < count; i++) {
		if (!e[i].in)
			continue;
		if (n != &e[i].node)
			return false;
		n = rb_next(n);
	}
	if (n != NULL)
		return false;
	n = rb_last(root);
	for (unsigned i = count; i-- > 0;) {
		if (!e[i].in)
			continue;
		if (n != &e[i].node)
			return false;
		n = rb_prev(n);
	}
	return n == NULL;
}

/* Random insertions and removals among `count` keys. */
static void
tree_churn(unsigned count, unsigned steps)
{
	struct entry *e = calloc(count, sizeof(*e));
	struct rb_root root = { NULL };

	for (unsigned i = 0; i < count; i++)
		e[i].key = i;
	for (unsigned i = 0; i < steps; i++) {
		struct entry *at = &e[pick(count)];

		if (at->in) {
			rb_erase(&root, &at->node);
			at->in = false;
		} else {
			tree_insert(&root, at);
		}
		CHECK(root.node == NULL || !root.node->red);
		CHECK(tree_check(root.node, NULL) > 0);
		CHECK(tree_matches(&root, e, count));
		if (check_bad > 0)
			break;
	}
	free(e);
}

TEST(rbtree_against_an_array)
{
	tree_churn(1, 10);
	tree_churn(2, 100);
	tree_churn(7, 5000);
	tree_churn(32, 10000);
	tree_churn(300, 5000);
}

TEST(rbtree_in_order_and_reverse)
{
	enum { N = 1000 };
	static struct entry e[N];

	for (int reverse = 0; reverse < 2; reverse++) {
		struct rb_root root = { NULL };

		for (unsigned i = 0; i < N; i++) {
			unsigned k = reverse ? N - 1 - i : i;

			e[k].key = k;
			tree_insert(&root, &e[k]);
		}
		CHECK(tree_check(root.node, NULL) > 0);
		CHECK(tree_matches(&root, e, N));
		for (unsigned i = 0; i < N; i++) {
			e[i].in = false;
			rb_erase(&root, &e[i].node);
			CHECK(tree_check(root.node, NULL) > 0);
		}
		CHECK(root.node == NULL && rb_first(&root) == NULL);
		CHECK(rb_last(&root) == NULL);
	}
}

int
main(int argc, char **argv)
{
	check_begin(argc, argv);
	RUN(memcpy_memmove_memset);
	RUN(page_copy_and_page_zero);
	RUN(memcmp_and_memchr);
	RUN(string_searches_and_comparisons);
	RUN(str_copy);
	RUN(str_word);
	RUN(str_to_u64);
	RUN(printf_numbers);
	RUN(printf_text);
	RUN(printf_pointers);
	RUN(list_against_an_array);
	RUN(list_safe_walk);
	RUN(rbtree_against_an_array);
	RUN(rbtree_in_order_and_reverse);
	return check_end();
}
