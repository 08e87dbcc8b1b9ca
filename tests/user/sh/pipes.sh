# Pipelines, long and large.
echo a | cat; echo a | cat | cat | cat | cat | cat | cat | cat
i=0; while [ $i -lt 2000 ]; do echo "line $i of a longer text to fill the pipe"; i=$((i+1)); done | wc -l | { read n; echo $n; }
i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done | head -1
echo x | while read l; do echo "r $l"; done
echo a | (cat; echo b) | { cat; echo c; }
false | false | true; echo $?
true | exit 3; echo $?
x=1; echo y | read x; echo $x
{ echo 1; echo 2; } | { read a; read b; echo "$b$a"; }
echo out | cat > pf; cat pf
cat < pf | cat
echo e 2>&1 | cat
(echo err >&2) 2>&1 | cat
f() { cat; }; echo through | f | f
big=x; i=0; while [ $i -lt 13 ]; do big=$big$big; i=$((i+1)); done; echo ${#big}
echo $big | wc -c | { read n; echo $n; }
cat <<E | wc -c | { read n; echo $n; }
$big$big$big
E
echo $(echo $big$big$big$big$big$big$big$big$big$big) | wc -c | { read n; echo $n; }
! false | cat; echo $?
if echo q | grep q > /dev/null; then echo found; fi
echo a b c | { read x rest; echo "$rest"; }
