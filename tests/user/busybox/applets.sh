# Debian's busybox, its ash included: what it prints must not depend on the kernel.
#
# usage: applets.sh FOLDER COMMAND...   COMMAND starts a busybox applet named after it
#
# Run by tests/guest/busybox_test.py in Tine and on Linux under qemu-riscv64.  A line
# `t TEXT` runs TEXT and prints it, its output and its status; `n` tells how many.
# Nothing here may depend on the clock, on numbers of processes or inodes, or on the user.

cd "$1" || exit 9
shift
BB="$*"
export BB TZ=UTC0 LC_ALL=C
umask 022
n=0

t() {
	n=$((n + 1))
	echo "== $*"
	eval "$*" 2>&1
	echo "-> $?"
}

# --- Fixtures, made by busybox itself.
$BB mkdir bin                   # tar runs the program gzip
$BB printf '#!/bin/sh\nexec %s gzip "$@"\n' "$BB" > bin/gzip
$BB chmod 755 bin/gzip
PATH=$PWD/bin:$PATH
$BB mkdir -p d/e/f many
$BB printf 'alpha\nbeta\nGamma delta\n\ncomma,two  blanks\n' > a.txt
$BB seq 1 200 > num.txt
$BB seq 1 20000 > big.txt
$BB printf 'name:x:1\nother:y:22\nthird:z:3\n' > table
$BB printf '\000\001\002\377abc\n' > bytes
echo inside > d/e/f/deep
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i > many/file$i; done
$BB touch -d '2001-02-03 04:05:06' a.txt d/e/f/deep

# --- Tier 1 and 2: start, read, write, look.
t '$BB echo one two'
t '$BB printf "%s-%05d-%x\n" word 42 255'
t '$BB seq 3 2 11'
t '$BB true'
t '$BB false'
t '$BB cat a.txt table'
t '$BB cat -n a.txt'
t '$BB cat nosuch'
t '$BB wc a.txt num.txt'
t '$BB wc -c < big.txt'
t '$BB head -n 3 num.txt'
t '$BB tail -n 3 num.txt'
t '$BB tail -c 5 num.txt'
t '$BB md5sum a.txt big.txt'
t '$BB sha1sum big.txt'
t '$BB sha256sum big.txt'
t '$BB cksum < big.txt || $BB crc32 big.txt'
t '$BB ls | $BB cat'
t '$BB ls -1 d many'
t '$BB ls -l a.txt | $BB awk "{print \$1, \$5, \$NF}"'
t '$BB ls -lR d | $BB awk "/^-/{print \$1, \$5, \$NF}"'
t '$BB ls nosuch'
t '$BB stat -c "%n %s %F %a %Y" a.txt'
t '$BB stat -c "%n %F %A" d a.txt /dev/null'
t '$BB find . -name "*.txt" | $BB sort'
t '$BB find d -type d | $BB sort'
t '$BB find many -name "file1*" -exec $BB cat {} + | $BB sort -n'
t '$BB find . -size +20k'
t '$BB du -a -s d >/dev/null && echo fine'
t '$BB cp a.txt copy && $BB cmp a.txt copy'
t '$BB cp -p a.txt kept && $BB stat -c %Y kept'
t '$BB cp -r d dcopy && $BB find dcopy | $BB sort'
t '$BB cmp a.txt table'
t '$BB grep -n a a.txt'
t '$BB grep -c 9 num.txt'
t '$BB grep -rl inside . | $BB sort'
t '$BB egrep "^(1|2).$" num.txt | $BB tail -n 2'
t '$BB fgrep -x 77 num.txt'
t '$BB grep -q nothing a.txt'
t '$BB sed -n "2,3p" a.txt'
t '$BB sed "s/a/A/g; \$d" a.txt'
t '$BB awk "{s+=\$1} END {print s, NR}" num.txt'
t '$BB awk -F: "{print \$2 \$1}" table'
t '$BB awk "BEGIN {printf \"%.3f %d\n\", atan2(0,-1), 2^31; \"echo sub\" | getline x; print x}"'
t '$BB sort -rn num.txt | $BB head -n 3'
t '$BB sort -t: -k3n table'
t '$BB cut -d: -f1,3 table'
t '$BB tr a-z A-Z < a.txt'
t '$BB printf "a\na\nb\n" | $BB uniq -c'
t '$BB rev table'
t '$BB tac table'
t '$BB nl a.txt'
t '$BB fold -w 5 a.txt'
t '$BB expand table; $BB unexpand -a table'
t '$BB paste table num.txt | $BB head -n 2'
t '$BB od -c bytes'
t '$BB hexdump -C bytes'
t '$BB xxd bytes'
t '$BB strings big.txt | $BB head -n 1'
t '$BB base64 bytes; $BB base64 -d < a.txt | $BB od -b'
t '$BB basename /x/y.c .c; $BB dirname /x/y.c'
t '$BB expr 6 "*" 7; $BB expr abc : "a\(.\)"'
t '$BB factor 360'
t 'echo "2^64; scale=5; 1/3" | $BB bc'
t '$BB cal 2 2001'
t '$BB date -u -d @981173106'
t '$BB tee out1 < table | $BB wc -l; $BB cat out1'
t '$BB dd if=big.txt bs=1000 count=3 skip=2 2>/dev/null | $BB md5sum'
t '$BB comm 2>/dev/null; $BB diff a.txt table'
t '$BB diff -r d dcopy'
t '$BB which sh nosuchprogram >/dev/null'
t '$BB env -i A=1 B=2 $BB env | $BB sort | $BB grep -v ^_'
t '$BB uname -m'
t '$BB nproc >/dev/null && $BB free >/dev/null && $BB ps >/dev/null && echo all three'
t '$BB df . | $BB head -n 1 | $BB cut -c1-10'

# --- Tier 3: processes, pipes, signals.
t '$BB xargs -n 3 $BB echo < table'
t '$BB seq 1 9 | $BB xargs -n 4 $BB echo got'
t '$BB yes | $BB head -n 2'
t '$BB seq 1 100000 | $BB head -n 1'
t '$BB cat big.txt | $BB cat | $BB cat | $BB md5sum'
t '$BB timeout 1 $BB sleep 20'
t '$BB timeout 20 $BB sleep 0'
t '$BB time -p $BB true 2>&1 | $BB cut -d" " -f1'
t '$BB nohup $BB echo hup 2>/dev/null'
t '$BB nice -n 0 $BB echo nice 2>&1'
t '$BB setsid $BB echo session'
t '$BB ash -c "kill -9 \$\$"'
t '$BB ash -c "kill -TERM \$\$"'
t '$BB kill -l 15'
t '$BB test -d d -a -f a.txt -a ! -e nosuch'
t '$BB test 10 -lt 9'
t '$BB usleep 1'
t '$BB run-parts --test many | $BB wc -l'

# --- ash.
t 'for i in 1 2 3; do echo $i; done | while read x; do echo "<$x>"; done'
t 'x=$(echo sub; exit 3); echo "$x $?"'
t 'case abc in a*) echo yes;; *) echo no;; esac'
t 'f() { local v=$1; echo "f $v $#"; return 4; }; f a b'
t '$BB ash -c "trap \"echo caught\" USR1; kill -USR1 \$\$; echo on"'
t '$BB ash -c "trap \"echo bye\" EXIT; exit 5"'
t '$BB ash -c "$BB sleep 0 & wait \$!; echo waited \$?"'
t '$BB ash -c "$BB sleep 30 & kill \$!; wait \$!; echo \$?" 2> /dev/null'
t '$BB ash -c "set -e; $BB false; echo not reached"'
t '$BB ash -c "set -u; echo \$nosuch" 2>&1 | $BB sed "s/.*: //"'
t '$BB ash -c "nosuchprogram" 2>&1 | $BB sed "s/.*: //"'
t '$BB ash -c "./table" 2>&1 | $BB sed "s/.*: //"'
t '$BB ash nosuchscript 2>&1 | $BB sed "s/.*: //"'
t '$BB cat <<END
here $((6 * 7)) ${BB:+set}
END'
t 'echo $((0x10 + 010)) $((1 << 40)) $((-7 / 2)) $((7 % 3))'
t 'v=/a/b/c.txt; echo ${v##*/} ${v%/*} ${v%.txt}.c ${#v} ${v#/a}'
t 'set -- a "b c" d; echo $# "$2"; shift; echo "$*"'
t 'echo many/file[1-3] many/file1? nosuch*'
t 'exec 5> fd5; echo five >&5; exec 5>&-; $BB cat fd5; $BB rm fd5'
t 'echo err >&2 2>&1; { echo both; echo err >&2; } > both 2>&1; $BB cat both'
t 'read a b < table; echo "$a $b"; IFS=:; read a b < table; echo "$a $b"; unset IFS'
t 'while getopts ab:c o -a -b val -c; do echo "$o $OPTARG"; done'
t 'cd d/e && pwd | $BB sed "s,.*/d/,d/," && cd - > /dev/null && cd "$OLDPWD" && cd ../..'
t 'umask 077; echo x > mask; $BB stat -c %a mask; umask 022; umask'
t 'printf "%d %s\n" 1 a 2 b; echo -n no; echo -e "\ttab"'
t 'type cd t | $BB head -n 1'
t 'command -v echo; eval "echo \$n" > /dev/null; [ -t 0 ] || echo no terminal'
t '$BB printf "echo from script \$1\n" > scr; $BB ash ./scr arg; . ./scr'
t '$BB ash -c "ulimit -n > /dev/null && times > /dev/null && echo limits"'

# --- Tier 4: change the tree.
t '$BB mkdir -m 750 m; $BB stat -c "%a %F" m; $BB mkdir m'
t '$BB mkdir -p x/y/z; $BB rmdir x/y/z x/y x; $BB rmdir d'
t '$BB touch t1; $BB mv t1 t2; $BB ls t1 t2'
t '$BB touch -d "2010-01-01 00:00:00" t2; $BB stat -c %Y t2; [ t2 -ot a.txt ] || echo newer'
t '$BB ln a.txt hard; $BB stat -c %h a.txt; $BB ln -s a.txt soft; $BB readlink soft; $BB cat soft | $BB head -n 1'
t '$BB ln -s nowhere dangling; $BB cat dangling; $BB ls -l dangling | $BB sed "s/.* dang/dang/"'
t '$BB realpath d/../a.txt | $BB sed "s,.*/,,"'
t '$BB chmod 600 t2; $BB stat -c %A t2; $BB chmod u+x,go=r t2; $BB stat -c %A t2'
t '$BB chmod 4755 t2; $BB stat -c %a t2; $BB chmod nosuch t2'
t '$BB truncate -s 10000 hole; $BB wc -c < hole; $BB md5sum hole; $BB truncate -s 3 hole; $BB od -c hole'
t '$BB rm a.txt; $BB cat hard | $BB head -n 1; $BB cat soft; $BB mv hard a.txt'
t '$BB rm nosuch; $BB rm -f nosuch; $BB rm d'
t '$BB mktemp -d ./tmp.XXXXXX | $BB sed "s/tmp......./tmp/"'
t '$BB mkfifo pipe; $BB stat -c %F pipe; (echo through > pipe &); $BB cat pipe; $BB rm pipe'
t '$BB sed -i "s/alpha/ALPHA/" a.txt; $BB head -n 1 a.txt'
t '$BB gzip -k big.txt; $BB gunzip -c big.txt.gz | $BB cmp - big.txt; $BB zcat big.txt.gz | $BB tail -n 1'
t '$BB bzip2 -k big.txt 2>&1; $BB bzcat big.txt.bz2 2>&1 | $BB tail -n 1'
t '$BB tar cf all.tar d many a.txt soft; $BB tar tf all.tar | $BB sort | $BB head -n 4'
t '$BB mkdir ex; $BB tar xf all.tar -C ex; $BB find ex | $BB sort; $BB diff -r many ex/many; $BB readlink ex/soft'
t '$BB tar czf all.tgz d && $BB tar tzf all.tgz'
t '$BB find many | $BB cpio -o -H newc 2>/dev/null | $BB cpio -t 2>/dev/null | $BB sort'
t '$BB printf "1c\nX\n.\nw\nq\n" | $BB ed table; $BB cat table'
t '$BB printf "%s\n" "--- table" "+++ table" "@@ -1,2 +1,2 @@" "-X" "+Y" " other:y:22" | $BB patch; $BB head -n 1 table'
t '$BB cp big.txt gone; (exec 4< gone; $BB rm gone; $BB md5sum <&4)'
t '$BB mv d ex/moved; $BB find ex/moved | $BB sort; $BB mv nosuch x'
t '$BB install -m 711 a.txt inst; $BB stat -c %a inst'
t '$BB sync; $BB fsync a.txt 2>/dev/null; $BB rm -r ex many dcopy tmp.*; $BB ls | $BB cat'
t 'test -w /dev/null && echo data > /dev/null && $BB head -c 3 /dev/zero | $BB od -b'
t '$BB id -u > /dev/null && $BB whoami > /dev/null; $BB id -un 2>&1 | $BB wc -l'

echo "total $n"
