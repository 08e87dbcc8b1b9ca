# oracle: none (dash differs from POSIX here, or the feature is this shell's)
SH=${SH:-sh}
# A script on standard input leaves what follows the line to its commands.
echo 'read l; echo "script got $l"; cat
line one
line two' > stdin; $SH < stdin
cat stdin | $SH
$SH nosuchscript 2>/dev/null; echo $?
# Messages name the word at fault.
$SH -c 'nosuch a b' 2>&1
$SH -c './nofile' 2>&1
mkdir dir; $SH -c './dir' 2>&1
touch plain; $SH -c './plain' 2>&1
$SH -c 'cat < nofile' 2>&1
$SH -c 'echo "open' 2>&1
$SH -c 'if true; then echo; done' 2>&1
$SH -c 'echo a; fi' 2>&1
$SH -c 'for 1 in a; do :; done' 2>&1
$SH -c 'echo ${x?}' 2>&1
$SH -c 'echo ${x?my message}' 2>&1
$SH -c 'set -u; echo $nope' 2>&1
$SH -c 'echo $((1/0))' 2>&1
$SH -c 'echo $((1+))' 2>&1
$SH -c 'x=abc; echo $((x))' 2>&1
$SH -c 'cd nodir' 2>&1
$SH -c 'cat <<E
body' 2>&1
$SH -c 'echo >' 2>&1
$SH -c 'a | | b' 2>&1
printf 'echo fine\n\nnosuch\n' > script; $SH script 2>&1
printf '\177ELF\002\001\001\000garbage' > elf; chmod +x elf; $SH -c ./elf 2>&1; echo $?
printf '#!/no/such/interpreter\n' > shebang; chmod +x shebang; $SH -c ./shebang 2>&1; echo $?
# No way to lose the stack.
$SH -c 'f() { f; }; f' 2>&1
i=0; x='('; while [ $i -lt 16 ]; do x=$x$x; i=$((i+1)); done; echo "$x" > deep; $SH deep 2>&1
i=0; x='$(('; while [ $i -lt 16 ]; do x=$x$x; i=$((i+1)); done; echo "echo $x" > deep; $SH deep 2>&1
i=0; x='!'; while [ $i -lt 18 ]; do x=$x$x; i=$((i+1)); done; echo "echo \$(($x 1))" > deep; $SH deep 2>&1 | { read a b c d e f g rest; echo "$e $f $g"; }
i=0; x='${x-'; while [ $i -lt 16 ]; do x=$x$x; i=$((i+1)); done; echo "echo $x" > deep; $SH deep 2>&1
# echo -e, local lists, brace lengths in characters.
echo -e 'a\tb\101\0102\cgone'; echo
x='äöü'; echo ${#x}
f() { local a=1 b="x y"; echo "$a $b"; }; f
# Descriptors above 9 belong to the shell.
$SH -c 'echo a 10>f' 2>&1
# A trap with the shell's name for signals in any case.
trap 'echo low' sigusr1; kill -usr1 $$
# Limits.
$SH -c 'ulimit -x' 2>&1
$SH -c 'ulimit -n abc; ulimit -n ""; ulimit -v 99999999999999999999; ulimit 1 2' 2>&1
$SH -c 'ulimit -u 12; ulimit -n 30; ulimit -t 7; ulimit -a' | grep -e -u -e -n -e -t
