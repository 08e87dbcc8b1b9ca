# What bash does beyond a POSIX shell, and much of what it asks of a kernel for that.
set -u
cd "$1" || exit
declare -A count
for w in a b c a; do count[$w]=$((${count[$w]:-0} + 1)); done
echo "${count[a]} ${count[b]} ${#count[@]}"
jobs=()
for i in {1..5}; do (exit "$i") & jobs+=($!); done
for job in "${jobs[@]}"; do wait "$job"; echo "job $?"; done
coproc cat
echo hello >&"${COPROC[1]}"
read -r x <&"${COPROC[0]}"
echo "$x"
pid=$COPROC_PID # bash forgets it when cat has ended
kill "$pid"
wait "$pid" 2> /dev/null
echo "cat ended with $?"
trap 'echo usr1' USR1
kill -USR1 $$
echo one > a; echo two >> a
mapfile -t lines < a
echo "${lines[1]} ${#lines[@]}"
[[ a -nt /nosuch && -f a && ! -x a ]] && echo tests
exec 7<> b
echo through >&7
cat b
exec 7>&-
diff_of() { while read -r l <&3 && read -r m <&4; do echo "$l/$m"; done 3< <(printf '%s\n' 1 2) 4< <(printf '%s\n' 3 4); }
diff_of
printf '%s\n' c a b | sort | while read -r l; do echo -n "$l "; done; echo
(ulimit -n 20; ulimit -n; exec 19< a && echo low; exec 20< a) 2>&1 | while read -r l; do echo "${l##*: }"; done
exec 5>&2 2> /dev/null # bash tells the pid
(ulimit -t 1; while :; do :; done)
echo "ended with $?"
exec 2>&5 5>&-
mkfifo quiet; exec 6<> quiet; read -r -t 0.1 x <&6; (($? > 128)) && echo timeout; exec 6>&-
mkdir -p d/e/f; shopt -s globstar; echo d/**
set -o pipefail; false | true; echo "pipe $?"
umask 027; : > g; [[ $(ls -l g) == -rw-r-----* ]] && echo umask
$(exit 3); echo "status $?"
echo $((2 ** 40)) $((RANDOM >= 0)) "${BASH_VERSINFO[0]}"
