/* SPDX-License-Identifier: MIT */
/*
 * stty - show and set how a terminal treats what is typed and printed.
 *
 * Each setting is a row of one of the tables below: a flag, a special
 * character, or a name for several settings.  All words are understood before
 * the terminal is changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "lib/ulib.h"

enum part { CONTROL, INPUT, OUTPUT, LOCAL, PARTS };

/* A flag is on when all its bits are set; of a choice exactly one is on. */
static const struct flag {
	const char *name;
	enum part part;
	tcflag_t bits;
	tcflag_t mask; /* of a choice: the field it is in; else 0 */
} flags[] = {
	{ "parenb", CONTROL, PARENB, 0 }, { "parodd", CONTROL, PARODD, 0 },
	{ "cmspar", CONTROL, CMSPAR, 0 }, { "cs5", CONTROL, CS5, CSIZE },
	{ "cs6", CONTROL, CS6, CSIZE },	  { "cs7", CONTROL, CS7, CSIZE },
	{ "cs8", CONTROL, CS8, CSIZE },	  { "hupcl", CONTROL, HUPCL, 0 },
	{ "cstopb", CONTROL, CSTOPB, 0 }, { "cread", CONTROL, CREAD, 0 },
	{ "clocal", CONTROL, CLOCAL, 0 }, { "crtscts", CONTROL, CRTSCTS, 0 },
	{ "ignbrk", INPUT, IGNBRK, 0 },	  { "brkint", INPUT, BRKINT, 0 },
	{ "ignpar", INPUT, IGNPAR, 0 },	  { "parmrk", INPUT, PARMRK, 0 },
	{ "inpck", INPUT, INPCK, 0 },	  { "istrip", INPUT, ISTRIP, 0 },
	{ "inlcr", INPUT, INLCR, 0 },	  { "igncr", INPUT, IGNCR, 0 },
	{ "icrnl", INPUT, ICRNL, 0 },	  { "ixon", INPUT, IXON, 0 },
	{ "ixoff", INPUT, IXOFF, 0 },	  { "iuclc", INPUT, IUCLC, 0 },
	{ "ixany", INPUT, IXANY, 0 },	  { "imaxbel", INPUT, IMAXBEL, 0 },
	{ "iutf8", INPUT, IUTF8, 0 },	  { "opost", OUTPUT, OPOST, 0 },
	{ "olcuc", OUTPUT, OLCUC, 0 },	  { "ocrnl", OUTPUT, OCRNL, 0 },
	{ "onlcr", OUTPUT, ONLCR, 0 },	  { "onocr", OUTPUT, ONOCR, 0 },
	{ "onlret", OUTPUT, ONLRET, 0 },  { "ofill", OUTPUT, OFILL, 0 },
	{ "ofdel", OUTPUT, OFDEL, 0 },	  { "nl0", OUTPUT, NL0, NLDLY },
	{ "nl1", OUTPUT, NL1, NLDLY },	  { "cr0", OUTPUT, CR0, CRDLY },
	{ "cr1", OUTPUT, CR1, CRDLY },	  { "cr2", OUTPUT, CR2, CRDLY },
	{ "cr3", OUTPUT, CR3, CRDLY },	  { "tab0", OUTPUT, TAB0, TABDLY },
	{ "tab1", OUTPUT, TAB1, TABDLY }, { "tab2", OUTPUT, TAB2, TABDLY },
	{ "tab3", OUTPUT, TAB3, TABDLY }, { "bs0", OUTPUT, BS0, BSDLY },
	{ "bs1", OUTPUT, BS1, BSDLY },	  { "vt0", OUTPUT, VT0, VTDLY },
	{ "vt1", OUTPUT, VT1, VTDLY },	  { "ff0", OUTPUT, FF0, FFDLY },
	{ "ff1", OUTPUT, FF1, FFDLY },	  { "isig", LOCAL, ISIG, 0 },
	{ "icanon", LOCAL, ICANON, 0 },	  { "iexten", LOCAL, IEXTEN, 0 },
	{ "echo", LOCAL, ECHO, 0 },	  { "echoe", LOCAL, ECHOE, 0 },
	{ "echok", LOCAL, ECHOK, 0 },	  { "echonl", LOCAL, ECHONL, 0 },
	{ "noflsh", LOCAL, NOFLSH, 0 },	  { "xcase", LOCAL, XCASE, 0 },
	{ "tostop", LOCAL, TOSTOP, 0 },	  { "echoprt", LOCAL, ECHOPRT, 0 },
	{ "echoctl", LOCAL, ECHOCTL, 0 }, { "echoke", LOCAL, ECHOKE, 0 },
	{ "flusho", LOCAL, FLUSHO, 0 },	  { "extproc", LOCAL, EXTPROC, 0 },
};

static const struct {
	const char *name;
	int place;
	bool number; /* not a character */
} specials[] = {
	{ "intr", VINTR, false },	{ "quit", VQUIT, false },
	{ "erase", VERASE, false },	{ "kill", VKILL, false },
	{ "eof", VEOF, false },		{ "eol", VEOL, false },
	{ "eol2", VEOL2, false },	{ "swtch", VSWTC, false },
	{ "start", VSTART, false },	{ "stop", VSTOP, false },
	{ "susp", VSUSP, false },	{ "rprnt", VREPRINT, false },
	{ "werase", VWERASE, false },	{ "lnext", VLNEXT, false },
	{ "discard", VDISCARD, false }, { "min", VMIN, true },
	{ "time", VTIME, true },
};

#define RAW                                                       \
	"-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr "  \
	"-igncr -icrnl -ixon -ixoff -icanon -opost -isig -iuclc " \
	"-ixany -imaxbel -xcase min 1 time 0"
#define COOKED                                                      \
	"brkint ignpar istrip icrnl ixon opost isig icanon eof ^D " \
	"eol undef"
#define SANE_FLAGS                                                 \
	"cread -ignbrk brkint -inlcr -igncr icrnl icanon iexten "  \
	"echo echoe echok -echonl -noflsh -ixoff -iutf8 "          \
	"-iuclc -ixany imaxbel -xcase -olcuc -ocrnl opost -ofill " \
	"onlcr -onocr -onlret nl0 cr0 tab0 bs0 vt0 ff0 isig "      \
	"-tostop -ofdel -echoprt echoctl echoke -extproc -flusho"
#define SANE_CHARACTERS                                            \
	"intr ^C quit ^\\ erase ^? kill ^U eof ^D eol undef eol2 " \
	"undef swtch undef start ^Q stop ^S susp ^Z rprnt ^R "     \
	"werase ^W lnext ^V discard ^O min 1 time 0"
#define SANE SANE_FLAGS " " SANE_CHARACTERS

static const struct {
	const char *name, *means;
} sets[] = {
	{ "raw", RAW },
	{ "-cooked", RAW },
	{ "cooked", COOKED },
	{ "-raw", COOKED },
	{ "sane", SANE },
	{ "cbreak", "-icanon" },
	{ "-cbreak", "icanon" },
	{ "nl", "-icrnl -onlcr" },
	{ "-nl", "icrnl -inlcr -igncr onlcr -ocrnl -onlret" },
	{ "ek", "erase ^? kill ^U" },
	{ "crterase", "echoe" },
	{ "-crterase", "-echoe" },
	{ "ctlecho", "echoctl" },
	{ "-ctlecho", "-echoctl" },
	{ "crtkill", "echoke" },
	{ "-crtkill", "-echoke" },
	{ "tabs", "tab0" },
	{ "-tabs", "tab3" },
};

static const struct {
	unsigned baud;
	speed_t code;
} speeds[] = {
	{ 0, B0 },	     { 50, B50 },	  { 75, B75 },
	{ 110, B110 },	     { 134, B134 },	  { 150, B150 },
	{ 200, B200 },	     { 300, B300 },	  { 600, B600 },
	{ 1200, B1200 },     { 1800, B1800 },	  { 2400, B2400 },
	{ 4800, B4800 },     { 9600, B9600 },	  { 19200, B19200 },
	{ 38400, B38400 },   { 57600, B57600 },	  { 115200, B115200 },
	{ 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 },
};

#define LENGTH(table) (sizeof(table) / sizeof((table)[0]))

static const char *device = "standard input";
static struct termios modes;
static struct winsize window;
static bool modes_set, window_set;

/* ---- showing --------------------------------------------------------- */

static size_t screen = 80, column;

/* Print a piece, on the next line if this one has no room. */
static void __attribute__((format(printf, 1, 2))) show(const char *format, ...)
{
	char text[64];
	va_list args;
	size_t length;

	va_start(args, format);
	length = (size_t)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (column > 0 && column + 1 + length > screen) {
		putchar('\n');
		column = 0;
	}
	column += (size_t)printf("%s%s", column > 0 ? " " : "", text);
}

static void
end_line(void)
{
	if (column > 0)
		putchar('\n');
	column = 0;
}

static tcflag_t *
part_of(struct termios *of, enum part part)
{
	switch (part) {
	case CONTROL:
		return &of->c_cflag;
	case INPUT:
		return &of->c_iflag;
	case OUTPUT:
		return &of->c_oflag;
	default:
		return &of->c_lflag;
	}
}

static bool
is_on(struct termios *of, const struct flag *flag)
{
	tcflag_t mask = flag->mask != 0 ? flag->mask : flag->bits;

	return (*part_of(of, flag->part) & mask) == flag->bits;
}

/* Print the flags of one part; `usual`: only those that differ from it. */
static void
show_flags(enum part part, struct termios *usual)
{
	for (size_t i = 0; i < LENGTH(flags); i++) {
		const struct flag *flag = &flags[i];
		bool on = is_on(&modes, flag);

		if (flag->part != part || (flag->mask != 0 && !on))
			continue;
		if (usual == NULL || on != is_on(usual, flag))
			show("%s%s", on ? "" : "-", flag->name);
	}
	end_line();
}

static const char *
character_text(cc_t c)
{
	static char text[8];

	if (c == _POSIX_VDISABLE)
		return "<undef>";
	snprintf(text, sizeof(text), "%s%s%c", c >= 128 ? "M-" : "",
		 (c & 127) < ' ' || (c & 127) == 127 ? "^" : "",
		 (c & 127) < ' ' || (c & 127) == 127 ? (c & 127) ^ 64
						     : (c & 127));
	return text;
}

static void
show_specials(const struct termios *usual)
{
	for (size_t i = 0; i < LENGTH(specials); i++) {
		int place = specials[i].place;
		cc_t c = modes.c_cc[place];
		bool plain = specials[i].number
				     ? (modes.c_lflag & ICANON) != 0
				     : usual != NULL && c == usual->c_cc[place];

		if (usual != NULL && plain)
			continue;
		if (specials[i].number)
			show("%s = %u;", specials[i].name, c);
		else
			show("%s = %s;", specials[i].name, character_text(c));
	}
	end_line();
}

static unsigned
baud_of(speed_t code)
{
	for (size_t i = 0; i < LENGTH(speeds); i++)
		if (speeds[i].code == code)
			return speeds[i].baud;
	return 0;
}

static void apply_text(const char *text);

static void
show_modes(bool all)
{
	struct termios usual = modes, now = modes;
	struct winsize out;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &out) == 0 && out.ws_col > 0)
		screen = out.ws_col;
	apply_text(SANE);
	usual = modes;
	modes = now;
	show("speed %u baud;", baud_of(cfgetospeed(&modes)));
	if (all) {
		show("rows %u;", window.ws_row);
		show("columns %u;", window.ws_col);
	}
	show("line = %u;", modes.c_line);
	end_line();
	show_specials(all ? NULL : &usual);
	for (int part = CONTROL; part < PARTS; part++)
		show_flags((enum part)part, all ? NULL : &usual);
}

/* Other programs of this name write and read the parts in this order. */
static const enum part saved_order[] = { INPUT, OUTPUT, CONTROL, LOCAL };

/* As one word, which is itself a setting. */
static void
show_saved(void)
{
	for (size_t i = 0; i < PARTS; i++)
		printf("%x:", *part_of(&modes, saved_order[i]));
	for (size_t i = 0; i < NCCS; i++)
		printf("%x%c", modes.c_cc[i], i + 1 < NCCS ? ':' : '\n');
}

/* ---- setting --------------------------------------------------------- */

static bool
set_saved(const char *text)
{
	struct termios saved = modes;
	char *end;

	for (size_t i = 0; i < PARTS + NCCS; i++) {
		unsigned long value = strtoul(text, &end, 16);
		bool last = i + 1 == PARTS + NCCS;

		if (end == text || *end != (last ? '\0' : ':'))
			return false;
		text = end + 1;
		if (i < PARTS)
			*part_of(&saved, saved_order[i]) = (tcflag_t)value;
		else
			saved.c_cc[i - PARTS] = (cc_t)value;
	}
	modes = saved;
	return true;
}

static bool
set_flag(const char *word)
{
	bool on = word[0] != '-';

	for (size_t i = 0; i < LENGTH(flags); i++) {
		tcflag_t *part = part_of(&modes, flags[i].part);

		if (strcmp(word + !on, flags[i].name) != 0 ||
		    (!on && flags[i].mask != 0))
			continue;
		*part &= ~(flags[i].mask | flags[i].bits);
		if (on)
			*part |= flags[i].bits;
		return true;
	}
	return false;
}

static bool
set_speed(const char *word)
{
	char *end;
	unsigned long baud = strtoul(word, &end, 10);

	if (word[0] < '0' || word[0] > '9' || *end != '\0')
		return false;
	for (size_t i = 0; i < LENGTH(speeds); i++)
		if (speeds[i].baud == baud)
			return cfsetspeed(&modes, speeds[i].code) == 0;
	return false;
}

static unsigned
number_of(const char *name, const char *text, unsigned most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > most)
		die_as("%s %s: not a number from 0 to %u", name, text, most);
	return (unsigned)value;
}

/* "^C", "x", "undef" or a number. */
static cc_t
character_of(const char *name, const char *text)
{
	if (text[0] == '\0' || strcmp(text, "undef") == 0 ||
	    strcmp(text, "^-") == 0)
		return _POSIX_VDISABLE;
	if (text[1] == '\0')
		return (cc_t)text[0];
	if (text[0] == '^' && text[2] == '\0')
		return text[1] == '?' ? 127 : text[1] & 31;
	if (text[0] >= '0' && text[0] <= '9')
		return (cc_t)number_of(name, text, 255);
	die_as("%s %s: not a character", name, text);
}

/* A setting with a value in the next word.  False: it is not one. */
static bool
set_value(const char *name, const char *value)
{
	bool rows = strcmp(name, "rows") == 0;
	size_t i = 0;

	while (i < LENGTH(specials) && strcmp(name, specials[i].name) != 0)
		i++;
	if (i == LENGTH(specials) && !rows && strcmp(name, "cols") != 0 &&
	    strcmp(name, "columns") != 0)
		return false;
	if (value == NULL)
		die_as("%s: a value must follow", name);
	if (i < LENGTH(specials)) {
		modes.c_cc[specials[i].place] =
			specials[i].number ? (cc_t)number_of(name, value, 255)
					   : character_of(name, value);
		modes_set = true;
		return true;
	}
	*(rows ? &window.ws_row : &window.ws_col) =
		(unsigned short)number_of(name, value, 65535);
	window_set = true;
	return true;
}

/* Words that only print.  They are obeyed at once, also between settings. */
static bool
print_one(const char *word)
{
	if (strcmp(word, "size") == 0)
		printf("%u %u\n", window.ws_row, window.ws_col);
	else if (strcmp(word, "speed") == 0)
		printf("%u\n", baud_of(cfgetospeed(&modes)));
	else
		return false;
	return true;
}

/* One setting; true when the next word is its value. */
static bool
apply(const char *word, const char *next)
{
	if (set_value(word, next))
		return true;
	if (print_one(word))
		return false;
	modes_set = true;
	for (size_t i = 0; i < LENGTH(sets); i++) {
		if (strcmp(word, sets[i].name) == 0) {
			apply_text(sets[i].means);
			return false;
		}
	}
	if (!set_flag(word) && !set_speed(word) && !set_saved(word))
		die_as("%s: no such setting", word);
	return false;
}

/* The settings of a text, one blank between two words. */
static void
apply_text(const char *text)
{
	char *copy = must_copy(text), *rest = copy;
	char *word = strsep(&rest, " ");

	while (word != NULL) {
		char *next = strsep(&rest, " ");

		word = apply(word, next) ? strsep(&rest, " ") : next;
	}
	free(copy);
}

static _Noreturn void
die_of_terminal(void)
{
	if (errno == ENOTTY)
		die_as("%s is not a terminal", device);
	die(device);
}

/* Open the terminal that the words at argv name. */
static int
open_terminal(char ***argv)
{
	char **words = *argv;
	int fd = STDIN_FILENO;

	if (words[0] != NULL && strcmp(words[0], "-F") == 0) {
		device = words[1];
		if (device == NULL)
			prog_usage();
		fd = open(device, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			die(device);
		*argv = words + 2;
	}
	if (tcgetattr(fd, &modes) != 0 || ioctl(fd, TIOCGWINSZ, &window) != 0)
		die_of_terminal();
	return fd;
}

int
main(int argc, char **argv)
{
	bool all, saved;
	int fd;

	prog_init(argv,
		  "[-F DEVICE] [-a | -g | SETTING...]\n"
		  "  -F  of this terminal, not of standard input\n"
		  "  -a  show all settings, not only the unusual ones\n"
		  "  -g  show them as one word, which is a SETTING\n"
		  "  size, speed     show these\n"
		  "  rows N, cols N  the size of the window\n"
		  "  raw, cooked     pass on each key; pass on whole lines\n"
		  "  sane            reset all settings to usable values\n"
		  "  echo, -echo, icanon, isig, onlcr...  flags, - is off\n"
		  "  intr ^C, erase ^H, eol undef, min 1...  special keys");
	/* Only words that begin with "--" are options: -echo is a setting. */
	if (argc > 1 && strncmp(argv[1], "--", 2) == 0)
		(void)prog_option(argc, argv, "+");
	argv++;
	fd = open_terminal(&argv);
	all = *argv != NULL && strcmp(*argv, "-a") == 0;
	saved = *argv != NULL && strcmp(*argv, "-g") == 0;
	if (*argv == NULL || all || saved) {
		if (*argv != NULL && argv[1] != NULL)
			prog_usage();
		if (saved)
			show_saved();
		else
			show_modes(all);
		return prog_end();
	}
	for (; *argv != NULL; argv++)
		argv += apply(argv[0], argv[1]);
	if (modes_set && tcsetattr(fd, TCSADRAIN, &modes) != 0)
		die_of_terminal();
	if (window_set && ioctl(fd, TIOCSWINSZ, &window) != 0)
		die_of_terminal();
	return prog_end();
}
