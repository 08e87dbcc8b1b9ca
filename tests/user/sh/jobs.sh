# Background jobs and wait.
sleep 0 & wait; echo "wait $?"
(exit 3) & p=$!; wait $p; echo $?
(exit 1) & a=$!; (exit 2) & b=$!; wait $b; echo $?; wait $a; echo $?
{ echo bg; } & wait
echo x | cat & wait
wait 999999; echo $?
sleep 30 & kill $!; wait $! 2>/dev/null; echo $?
sleep 30 & p=$!; kill -9 $p; wait $p 2>/dev/null; echo $?
for i in 1 2 3; do (exit $i) & done; wait; echo all
true & echo "fg"; wait $!; echo $?
[ -n "$!" ] && echo pid
cat < /dev/null & wait $!; echo $?
echo "in" | { cat & wait; }
(sleep 0; echo child) & wait
x=1; { x=2; } & wait; echo $x
f() { echo "from f"; return 4; }; f & wait $!; echo $?
trap 'echo got' USR1
(sleep 0; kill -USR1 $$) & wait $!; echo "waited"; wait
trap 'echo term' TERM; kill $$; trap - TERM
${SH:-sh} -c 'sleep 0 & sleep 0 & wait; echo inner'
echo "$(sleep 0 & wait; echo sub)"
true && { sleep 0 & } && wait && echo andwait
if sleep 0 & then echo cond; fi; wait
i=0; while [ $i -lt 40 ]; do : & i=$((i+1)); done; wait; echo many
