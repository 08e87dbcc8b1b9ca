# Quotes, backslashes and comments.
printf '%s\n' 'single $x `y` \n'
echo "double \$x \`y\` \\ \" 'in'"
echo a\ b\	c
echo "a"'b'c"d"
echo "line
two"
echo joined\
word
echo "joined\
quoted"
echo 'not\
joined'
echo a#b # a comment
# a whole line
echo '' "" end
set -- '' ""
echo $#
echo \* '*' "*"
x='a  b'
echo "$x" $x
printf '%s\n' "\a\q"
echo "a'b'c" 'a"b"c'
echo \'
echo "${x}"'$x'"${x}"
echo ${x}y"$x"z
e='"q"'
echo $e
echo a;echo b
echo "#not" \#not
echo "$" '$' $ a$
echo "a$"
echo "\$(echo no)" '$(echo no)'
