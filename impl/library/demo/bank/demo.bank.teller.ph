package .demo.bank;

// Orders transfers between accounts drawn by chance. Each teller has chance of its own, so that what it prints does not depend on
// who comes first.
class teller
{
    var bank : .demo.bank.main;
    var name : string;
    var chance : .phantom.math.random;
    var ordered : int = 0;

    void teller( var b : .demo.bank.main, var n : string, var s : int )
    {
        bank = b;
        name = n;
        chance = new .phantom.math.random( s );
    }

    void run( var boot : .internal.boot ) [8]
    {
        while( 1 ) {
            for( var i : int = 0; i < 50; i += 1 ) {
                bank.transfer( chance.below( bank.size() ), chance.below( bank.size() ), chance.between( 1, 900 ) );
            }
            ordered += 50;
            boot.16( name + ": " + ordered + " transfers\n" );
            boot.sleep( 25 );
        }
    }
};
