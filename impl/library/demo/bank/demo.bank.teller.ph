package .demo.bank;

// Orders transfers between accounts drawn by chance. Each teller has chance of its own, so that what it prints does not depend on
// who comes first.
class teller
{
    var bank : .demo.bank.main;
    var name : string;
    var seed : int;
    var ordered : int = 0;

    void teller( var b : .demo.bank.main, var n : string, var s : int )
    {
        bank = b;
        name = n;
        seed = s;
    }

    void run( var boot : .internal.boot ) [8]
    {
        while( 1 ) {
            for( var i : int = 0; i < 50; i += 1 ) {
                bank.transfer( draw( bank.size() ), draw( bank.size() ), 1 + draw( 900 ) );
            }
            ordered += 50;
            boot.16( name + ": " + ordered + " transfers\n" );
            boot.sleep( 25 );
        }
    }

    // From 0 to limit - 1: a linear congruential generator of 24 bits, of which the upper ones are used.
    int draw( var limit : int )
    {
        seed = ( seed * 1140671485 + 12820163 ) & 0xffffff;
        return ( seed >> 8 ) % limit;
    }
};
