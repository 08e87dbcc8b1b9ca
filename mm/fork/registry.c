/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/registry.c - the list of all fork strategies, and the default
 * strategy.
 *
 * The linker collects the entries that FORK_STRATEGY() makes.  At boot
 * fork_registry_init() checks them and chooses the default: the strategy of the
 * boot argument fork=NAME, else that of the build.  The list is constant
 * afterwards, so the look-ups need no lock and may be called in any context.
 */
#include "mm/fork/registry.h"

#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/fork/strategy.h"
#include "tine_config.h"

extern const struct fork_strategy *const __fork_strategies_start[];
extern const struct fork_strategy *const __fork_strategies_end[];

static const struct fork_strategy *chosen; /* [i] after boot */
static const char *chosen_by = "build";	   /* [i] after boot */

const struct fork_strategy *
fork_strategy_at(unsigned i)
{
	size_t n = (size_t)(__fork_strategies_end - __fork_strategies_start);

	return i < n ? __fork_strategies_start[i] : NULL;
}

const struct fork_strategy *
fork_strategy_find(const char *name)
{
	const struct fork_strategy *st;

	for (unsigned i = 0; (st = fork_strategy_at(i)) != NULL; i++) {
		if (strcmp(st->name, name) == 0)
			return st;
	}
	return NULL;
}

const char *
fork_strategy_name(const struct fork_strategy *st)
{
	return st->name;
}

const char *
fork_strategy_summary(const struct fork_strategy *st)
{
	return st->summary;
}

const struct fork_strategy *
fork_strategy_default(const char **whence)
{
	if (whence != NULL)
		*whence = chosen_by;
	return chosen;
}

/* Panic if a strategy is incomplete, or if two of them have the same name. */
static void
check_tables(void)
{
	const struct fork_strategy *st;

	for (unsigned i = 0; (st = fork_strategy_at(i)) != NULL; i++) {
		if (st->name == NULL || st->summary == NULL || st->fork == NULL)
			panic("fork strategy %u lacks a name, summary or "
			      "fork()",
			      i);
		if (fork_strategy_find(st->name) != st)
			panic("two fork strategies have the name \"%s\"",
			      st->name);
	}
}

bool
fork_registry_init(const char *bootarg)
{
	const struct fork_strategy *st = NULL;

	check_tables();
	chosen = fork_strategy_find(TINE_FORK_DEFAULT);
	if (chosen == NULL)
		panic("the build's default strategy \"%s\" does not exist",
		      TINE_FORK_DEFAULT);
	if (bootarg == NULL)
		return true;
	st = fork_strategy_find(bootarg);
	if (st == NULL)
		return false;
	chosen = st;
	chosen_by = "bootarg";
	return true;
}
