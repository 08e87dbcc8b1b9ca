# Command substitution and subshells.
echo $(echo a b)
echo "$(echo 'a  b')"
echo `echo bq`
echo `echo \`echo nested\``
echo $(echo $(echo $(echo deep)))
echo "$(echo "$(echo "dq in dq")")"
x=$(echo v); echo $x
echo "a$(echo b)c"
x=$(false); echo $?
x=$(exit 3) ; echo $?
echo $(exit 3); echo $?
x=$(echo out; exit 4); echo "$x $?"
echo $(case a in a) echo case;; esac)
echo $(case a in (a) echo case2;; esac)
echo $(# comment with )
echo commented)
echo $( (echo sub) )
echo $(echo ')' "(" '$(')
echo "`echo "in bq"`"
echo `echo '$x'` "`echo \$x`"
echo $(printf 'no newline')
echo "<$(printf '\n\n')>" "<$(printf 'a\n\nb\n\n')>"
v=1; y=$(v=2; echo $v); echo "$v$y"
(a=1; (a=2; echo $a); echo $a)
(exit 9); echo $?
( (echo double) )
(echo a; echo b) | cat
echo $(for i in 1 2 3; do echo $i; done)
echo $(if true; then echo yes; fi)
z=`printf '%s' 'a\\\\b'`; printf '%s\n' "$z"
cd /; d=$(pwd); echo $d; (cd /tmp; pwd); pwd
echo "${x:-$(echo "d e")}"
echo "$(echo a
echo b)"
$(echo echo) from-substitution
$(true) ; echo "empty command $?"
$(false) ; echo "empty command $?"
e=; $e echo shifted
n=$(echo 1)$(echo 2); echo $n
echo "$(cat <<E
doc )
E
)"
