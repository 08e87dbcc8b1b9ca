/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/parse.h - what parse.c and parse_compound.c share.
 *
 * take*() consume the next token if it is the one that is named, and say
 * whether they did.  After a mistake they never do.
 */
#ifndef SH_PARSE_H
#define SH_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "sh.h"

struct node *node_new(struct parser *ps, enum node_kind kind);
void set_end(struct parser *ps, struct node *n, size_t end);

bool is_word(struct parser *ps, const char *text);
bool at_ender(struct parser *ps); /* a word that ends a compound list */
bool take(struct parser *ps, enum token_kind kind);
bool take_word(struct parser *ps, const char *text);
void expect_word(struct parser *ps, const char *text);
void skip_newlines(struct parser *ps);
void unexpected(struct parser *ps, const char *wanted);

void parse_redirs(struct parser *ps, struct node *n);
struct node *parse_simple(struct parser *ps);
struct node *parse_command(struct parser *ps);
struct node *parse_compound_list(struct parser *ps);

#endif
