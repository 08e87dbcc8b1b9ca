# if, while, until, for, case, && || !, groups.
if true; then echo t; else echo f; fi
if false; then echo t; else echo f; fi
if false; then echo 1; elif true; then echo 2; else echo 3; fi
if false; then echo 1; elif false; then echo 2; fi; echo "status $?"
if false || true; then echo or; fi
i=0; while [ $i -lt 3 ]; do echo w$i; i=$((i+1)); done
i=0; until [ $i -ge 2 ]; do echo u$i; i=$((i+1)); done
while false; do :; done; echo "status $?"
for i in a b c; do echo $i; done
for i in; do echo never; done; echo "status $?"
set -- p q; for i do echo $i; done
for i
do
	echo nl-$i
done
for i in 1 2 3; do [ $i = 2 ] && continue; echo c$i; done
for i in 1 2 3; do [ $i = 2 ] && break; echo b$i; done
for i in 1 2; do for j in 1 2 3; do [ $j = 2 ] && continue 2; echo $i$j; done; done
for i in 1 2; do for j in 1 2; do break 2; done; echo no; done; echo out
while :; do break; done; echo "status $?"
for i in 1 2; do false; done; echo "status $?"
case x in a) echo a;; x) echo x;; esac
case abc in (a*) echo paren;; esac
case b in a|b|c) echo alt;; esac
case q in a) ;; esac; echo "status $?"
case a in a) ;; *) echo no;; esac; echo "status $?"
case $(echo z) in
	y) echo y ;;
	z)
		echo z1
		echo z2
esac
case "a b" in "a b") echo quoted ;; esac
case in in in) echo in ;; esac
true && echo and; false && echo no; false || echo or; true || echo no
true && false || echo chain; false || true && echo chain2
! true; echo $?; ! false; echo $?
! true || echo notor
{ echo g1; echo g2; }
{ false; }; echo $?
(echo s1; exit 3); echo $?
(false) || echo subfail
x=1; { x=2; }; echo $x; (x=3); echo $x
true; echo $?; false; echo $?
if ! false; then echo negated; fi
echo a | cat | cat | cat
false | true; echo $?; true | false; echo $?
! true | false; echo $?
if true
then
	# a comment
	echo lines
fi
while read x && [ "$x" != stop ]; do echo "r:$x"; done <<E
1
2
stop
3
E
echo if then else; echo for; echo {} }
if [ 1 = 1 ] && { [ 2 = 2 ] || false; }; then echo nested; fi
for i in 1 2 3
do case $i in
	2) continue ;;
   esac
   echo k$i
done
true &&
echo newline-and
echo x |
cat
until :; do :; done; echo $?
