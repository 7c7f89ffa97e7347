package .demo.bank;

class account
{
    var balance : int = 0;

    void account( var money : int ) { balance = money; }
    int has() { return balance; }
    void put( var money : int ) { balance += money; }
};
