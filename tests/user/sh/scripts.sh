# Scripts: arguments, no "#!" line, tilde, $0, reading from standard input.
SH=${SH:-sh}
echo 'echo "$0" "$#" "$@"' > args
$SH args a 'b c'; $SH ./args; $SH -c 'echo $0 $1' zero one
$SH -s x y < args | { read a b; echo "$b"; }
chmod +x args; ./args noshebang
echo 'v=$((${v:-0}+1)); echo "v=$v e=$e"; exit 9' > env; chmod +x env
v=5; export e=exp; ./env; echo "$? $v"
echo 'echo a
exit 3
echo no' | $SH; echo $?
HOME=/home/me; echo ~ ~/x "~" \~ a~; x=~/y; echo $x; y=/a:~/b:~; echo $y; z='~'; echo $z
case ~ in /home/me) echo tilde-case ;; esac
$SH -c 'echo $-' | grep -c i
$SH -x -c 'echo traced' 2>/dev/null
$SH -u -c 'echo ${nope-fine}'
$SH -c 'set -x; : "a b"' 2>&1 | grep -c '^+ :'
$SH -c 'echo one; echo two' arg0
echo 'if true; then
echo multi
fi' | $SH
printf 'echo no-final-newline' | $SH
printf 'cat <<E\nbody\nE\n' | $SH
echo 'f() { echo f; }; f; . ./lib; echo back' > main; echo 'echo lib; f' > lib; $SH main
$SH -e args; $SH +e args
PATH=:$PATH; command -v args > /dev/null && echo in-path
echo "$(echo 'echo from pipe' | $SH)"
$SH -c 'echo $PPID' | { read p; [ "$p" -gt 0 ] && echo ppid; }
[ "$$" -gt 0 ] && (echo $$) | { read p; [ "$p" = "$$" ] && echo same-pid; }
PS4='> '; $SH -c 'set -x; echo t' 2>&1 | head -2 | tail -1
$SH -c 'echo "$@"' x 1 2 3
$SH -- args dashes
