# read, test, printf, export, unset, eval, dot, set, getopts, cd, umask.
echo 'a b c' | { read x y; echo "$x:$y"; }
echo 'a b' | { read x y z; echo "$x:$y:$z"; }
echo '  a  b  ' | { read x; echo "<$x>"; }
echo 'a\ b c' | { read x y; echo "$x:$y"; }
echo 'a\ b c' | { read -r x y; echo "$x:$y"; }
printf 'one\\\ntwo\n' | { read x; echo "$x"; }
echo 'a:b:c' | { IFS=: read x y; echo "$x:$y"; }
echo 'a::c' | { IFS=: read x y z; echo "<$x><$y><$z>"; }
printf 'no newline' | { read x; echo "$? $x"; }
read x < /dev/null; echo "eof $?"
printf '1\n2\n3\n' | while read l; do echo "l$l"; done
test a = a; echo $?; test a = b; echo $?; [ a != b ]; echo $?
[ -z '' ] && echo z; [ -n x ] && echo n; [ '' ] || echo empty; [ x ] && echo one
[ 1 -eq 1 ] && [ 1 -ne 2 ] && [ 1 -lt 2 ] && [ 2 -gt 1 ] && [ 1 -le 1 ] && [ 1 -ge 1 ] && echo nums
[ 10 -gt 9 ] && echo numeric; [ -1 -lt 0 ] && echo negative
touch file; mkdir dir; ln -s file link; echo x > full
[ -f file ] && [ -d dir ] && [ -e dir ] && [ ! -e no ] && [ -h link ] && [ -L link ] && echo types
[ -s full ] && [ ! -s file ] && [ -r file ] && [ -w file ] && echo modes
[ a = a -a b = b ] && [ a = b -o b = b ] && echo andor
[ ! a = b ] && echo not; [ \( a = a \) ] && echo parens
[ = = = ] && echo eq; [ ! ] && echo bang; [ -n ] && echo minus-n; [ -f = -f ] && echo opeq
[ a -eq 1 ] 2>/dev/null; echo $?; [ a = ] 2>/dev/null; echo $?
[ ! -f nofile -a -d dir ] && echo mixed
printf '%s %d %x %o %c|%5s|%-5s|%05d|%.2s\n' str 42 255 8 char r l 42 precise
printf '%s\n' a b c; printf '%s-%s\n' a b c; printf 'x\ty\n'; printf '%%\n'; printf '%b' 'a\nb\n'
printf '%d\n' 0x10 010 -5 +3; printf '\101\n'; printf '%3d|%-3d|\n' 1 2; printf '%i %u\n' 3 4
printf '%s|%s|\n'; printf 'no args\n' ; printf '%*d\n' 5 42
export E=exported; ${SH:-sh} -c 'echo $E'; U=unexp; ${SH:-sh} -c 'echo ${U-none}'
X=temp ${SH:-sh} -c 'echo $X'; echo ${X-gone}
export U; U=now; ${SH:-sh} -c 'echo $U'; unset U; echo ${U-unset}
eval echo a b; eval 'x=1; echo $x'; y='$x'; eval echo $y; eval; echo $?
eval 'false'; echo $?
echo 'echo sourced $1; v=fromfile' > src; . ./src; echo $v
echo 'return 3; echo no' > src; . ./src; echo $?
set -- a b c; echo $# $1; set -- ; echo $#; set x y; echo $1; shift; echo $*
set -- -a; echo $1; set a -b; echo $*
opts() { OPTIND=1; while getopts ab:c o "$@"; do echo "$o:${OPTARG-}"; done; shift $((OPTIND-1)); echo "rest:$*"; }
opts -a -b arg -c x y; opts -ab arg rest; opts -cbarg -- -a; opts none
cd dir; case $PWD in */dir) echo in ;; esac; cd ..; cd - > /dev/null; case $(pwd) in */dir) echo back ;; esac; cd ..
cd nosuchdir 2>/dev/null; echo $?
umask 022; umask; umask 077; umask; umask 022
type cd > /dev/null; echo $?; type nosuch > /dev/null 2>&1; echo $?; command -v cd; command -v nosuch; echo $?
command echo via-command; true; : a b; echo $?
unset nothing; echo $?
x=1; unset x; echo ${x-gone}
readonly ro=5; echo $ro
test; echo $?; [ ]; echo $?
a=1; export a; readonly b=2; echo $a$b
set -a; auto=yes; set +a; ${SH:-sh} -c 'echo $auto'
hash_test() { :; }; command -v hash_test
echo a b  c; echo -n no-newline; echo; echo "-x"; echo
kill -0 $$; echo $?; kill -l 9; kill -l 15
trap 'echo caught' USR1; kill -s USR1 $$; trap - USR1
wait; echo $?
false; : ; echo $?
(ulimit -n 20; ulimit -n; ulimit -Hn; ulimit -Sn 10; ulimit -n; ulimit -Hn)
(ulimit -t 5; ulimit -t; ulimit -St 3; ulimit -St; ulimit -Ht; ulimit -f 100; ulimit)
(ulimit -c 8; ulimit -c; ulimit -- 9; ulimit)
