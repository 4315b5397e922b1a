/**
 * What people choose and attackers try first, as data. Compiled for this project: words, names and keyboard walks that every published
 * count of leaked passwords has at its top, and whole passwords of the same sort.
 */

/** Alone or with an ending of `ENDINGS`. */
export const WORDS = `
password passw0rd p@ssword p@ssw0rd pa55word passwort motdepasse contrasena senha parola letmein welcome admin administrator
root user guest test login access master secret default changeme changeit temporary iloveyou princess dragon monkey shadow
sunshine football baseball basketball superman batman spiderman pokemon starwars michael jennifer jessica daniel charlie ashley
andrew matthew joshua anthony hunter soccer cricket hockey ranger killer pepper ginger summer winter spring autumn freedom
whatever trustno computer internet samsung google facebook instagram whatsapp youtube microsoft windows apple iphone android
hello helloworld qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc abcdef abcdefg abcdefgh india bharat
krishna ganesh ganesha shiva lakshmi saibaba jaihind hanuman mahadev omnamah radhe radhakrishna srirama jaishriram mumbai delhi
chennai kolkata bangalore hyderabad kerala tamilnadu priya rahul deepak sanjay suresh ramesh rajesh mahesh ganapathi sachin
tendulkar dhoni virat kohli doctor nurse hospital clinic patient health medical medicine ayurveda ayurvedic panchakarma therapy
pharmacy reception family mother father brother sister friend lovely angel sweety darling butterfly flower purple orange yellow
silver golden diamond cookie chocolate cheese banana chicken coffee biscuit liverpool arsenal chelsea barcelona manchester
london newyork america jordan jasmine george thomas robert william nicole samantha elizabeth victoria alexander maggie buster
tigger snoopy
`;

/** What is put behind a word to please a rule. */
export const ENDINGS = `1 12 123 1234 12345 123456 01 007 11 21 22 99 100 111 786 108 2020 2021 2022 2023 2024 2025 2026
! !! 1! 123! @1 @12 @123 @1234 #1 #123 $ $1 * . _1 _123 -1 -123 @2023 @2024 @2025 @2026`;

/** As they stand. */
export const WHOLE = `
12345678 123456789 1234567890 12345678910 123123123 1234512345 12341234 1234567a 12345678a 123456789a 87654321 987654321
0987654321 11111111 22222222 33333333 44444444 55555555 66666666 77777777 88888888 99999999 00000000 11112222 11223344
1122334455 12121212 10101010 13131313 69696969 112233445566 147258369 159357456 123654789 741852963 789456123 963852741
123321123 12344321 123454321 01234567 0123456789 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 q1w2e3r4 q1w2e3r4t5
zaq12wsx zaq1zaq1 zaq1xsw2 qwer1234 qwerty12 qwerty123456 qweqweqwe qweasdzxc qweasd123 asdasdasd asdf1234 asdfasdf asd123456
zxcvbnm1 zxc123456 abc12345 abc123456 abcd1234 abcde123 abc123abc a1234567 a12345678 a123456789 aa123456 aa12345678 aaaaaaaa
abcabcabc aaaa1111 q1234567 x1234567 pass1234 pass12345 pass@123 p@ss1234 test1234 testtest user1234 admin123456 adminadmin
rootroot toor1234 letmein1 letmeinnow opensesame correcthorsebatterystaple iloveyou1 iloveyou2 iloveu123 loveyou123 trustno1
trustno123 superman1 football1 monkey123 dragon123 master123 blink182 starwars1 whatever1 computer1 internet1 changeme1
changeme123 welcome01 welcome2 secret123 password1 password01 password12 password123456 newpassword mypassword yourpassword
nopassword thisisapassword qwertyui asdfghjk 1234qwer 4321rewq q2w3e4r5 wsxedcrfv rfvtgbyh poiuytrewq lkjhgfdsa mnbvcxz1
zxcvbnmasdfghjkl qwertyuiopasdfghjkl 1029384756 6543210a 7777777a 5201314520 woaini1314 samsung1 samsung123 nokia123 lenovo123
dell1234 summer2023 winter2023 bismillah bismillah1 ilovegod jesuschrist jesus123 lovelove lovelove1 babygirl1 babygirl123
princess1 sachin10 india1947 india123456 mahadev108 omnamahshivay omnamahshivaya saibaba123 harekrishna harekrishna108
jaimatadi jaimatadi1 vandemataram hindustan hindustani
`;
